package kafkatest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// LibEnv names the directory of Kafka's jars where they are not in deploy/kafka/lib.
const LibEnv = "FESTIVAL_KAFKA_LIB"

// ErrMissing: Java or the jars are not on this machine.
var ErrMissing = errors.New("real Kafka is not here")

// complete is the mark that `make kafka` leaves when all jars have come.
const complete = ".complete"

// find gives Java and the jars: as configured, or from JAVA_HOME, PATH, LibEnv, and deploy/kafka/lib above the working
// directory or beside the program's.
func (c Config) find() (java, lib string, err error) {
	if java, err = findJava(c.Java); err != nil {
		return "", "", err
	}
	for _, dir := range append([]string{c.Lib, os.Getenv(LibEnv)}, libDirs()...) {
		if _, err := os.Stat(filepath.Join(dir, complete)); dir != "" && err == nil {
			return java, dir, nil
		}
	}
	return "", "", fmt.Errorf("%w: no jars in deploy/kafka/lib: `make kafka` fetches them, or name a directory that has them in %s", ErrMissing, LibEnv)
}

func findJava(given string) (string, error) {
	if given != "" {
		return given, nil
	}
	if home := os.Getenv("JAVA_HOME"); home != "" {
		if path, err := exec.LookPath(filepath.Join(home, "bin", "java")); err == nil {
			return path, nil
		}
	}
	path, err := exec.LookPath("java")
	if err != nil {
		return "", fmt.Errorf("%w: no java in PATH or JAVA_HOME: install a Java 17 runtime (openjdk-17-jre-headless)", ErrMissing)
	}
	return path, nil
}

// libDirs walks up from the working directory and from the program.
func libDirs() []string {
	var out []string
	for _, begin := range []func() (string, error){os.Getwd, os.Executable} {
		dir, err := begin()
		for err == nil {
			out = append(out, filepath.Join(dir, "deploy", "kafka", "lib"))
			up := filepath.Dir(dir)
			if up == dir {
				break
			}
			dir = up
		}
	}
	return out
}

// Find says whether Start would find what it needs: nil, or an error that wraps ErrMissing and names the fix.
func Find() error {
	_, _, err := Config{}.find()
	return err
}
