package engine

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

const (
	binaryName = "festival-engine"
	libName    = "libchdb.so"
	// libPackage is where npm puts the library, seen from deploy/engine.
	libPackage = "node_modules/@chdb/lib-linux-x64-gnu"
)

// ErrNoLibrary says that libchdb.so is not there.
var ErrNoLibrary = errors.New("libchdb.so, the embedded store's engine, is not installed: run `make engine`, or name it in " + LibEnv)

// ErrNoBinary says that the program festival-engine is not there.
var ErrNoBinary = errors.New("the program festival-engine is not there: run `make build`, or name it in " + BinaryEnv)

// FindLibrary looks for libchdb.so: at path if it is not empty, in
// $FESTIVAL_ENGINE_LIB, beside this executable, in ../deploy/engine/node_modules.
func FindLibrary(path string) (string, error) {
	if path = firstOf(path, os.Getenv(LibEnv)); path != "" {
		return mustExist(path, ErrNoLibrary)
	}
	return firstExisting(ErrNoLibrary,
		besideExecutable(libName),
		besideExecutable("..", "deploy", "engine", libPackage, libName))
}

// FindBinary looks for festival-engine: at path if it is not empty, in
// $FESTIVAL_ENGINE_BIN, beside this executable.
func FindBinary(path string) (string, error) {
	if path = firstOf(path, os.Getenv(BinaryEnv)); path != "" {
		return mustExist(path, ErrNoBinary)
	}
	return firstExisting(ErrNoBinary, besideExecutable(binaryName))
}

func mustExist(path string, missing error) (string, error) {
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("%w (looked at %s)", missing, path)
	}
	return path, nil
}

func firstExisting(missing error, paths ...string) (string, error) {
	for _, p := range paths {
		if _, err := os.Stat(p); p != "" && err == nil {
			return p, nil
		}
	}
	return "", missing
}

// besideExecutable is empty where the executable's own place is not known.
func besideExecutable(elem ...string) string {
	exe, err := os.Executable()
	if err != nil {
		return ""
	}
	if real, err := filepath.EvalSymlinks(exe); err == nil {
		exe = real
	}
	return filepath.Join(append([]string{filepath.Dir(exe)}, elem...)...)
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
