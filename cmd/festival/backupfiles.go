package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// backupFestival copies what says which festival a demo's store counts into the directory to: its configuration, as festival.yaml
// also where the demo was given another by --config, and the files that this names beside itself. It gives their names below to, nothing
// of a directory that is no demo's, and says what does not go along.
func backupFestival(a *app, data, to string) ([]string, error) {
	config := configOf(data)
	copied, err := copyFile(config, filepath.Join(to, "festival.yaml"))
	if err != nil {
		return nil, err
	}
	if !copied {
		if readRunning(data).Config != "" {
			fmt.Fprintf(a.err, "The festival of --data %s does not go along: its demo had --config %s, which is not there. Give it by --config to the tools on what is restored.\n", data, config)
		}
		return nil, nil
	}
	names := []string{"festival.yaml"}
	c, _ := ReadConfig(config, nil) // what cannot be read of it names no files
	for _, name := range []string{c.Festival.Reference, c.Wall.MapFile, c.Wall.NamesFile} {
		switch {
		case name == "":
			continue
		case !filepath.IsLocal(name):
			fmt.Fprintf(a.err, "%s of %s does not go along: it does not lie beside it. It has to be there where the restored festival is used.\n", name, config)
			continue
		}
		if copied, err = copyFile(c.path(name), filepath.Join(to, name)); err != nil {
			return names, err
		}
		if copied {
			names = append(names, name)
		}
	}
	return names, nil
}

// restoreFiles copies files of a backup to where they were below a demo's directory.
func restoreFiles(from, to string, names []string) error {
	for _, name := range names {
		if !filepath.IsLocal(name) {
			return fmt.Errorf("%s names the file %s, which lies outside: this is no backup of ours", manifestName, name)
		}
		copied, err := copyFile(filepath.Join(from, name), filepath.Join(to, name))
		if err == nil && !copied {
			err = fmt.Errorf("%s is not there", filepath.Join(from, name))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// copyFile copies a file, with the directories above it, for this user alone; false where it is not there.
func copyFile(from, to string) (bool, error) {
	text, err := os.ReadFile(from)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err == nil {
		err = os.MkdirAll(filepath.Dir(to), 0o700)
	}
	if err == nil {
		err = writeWhole(to, text)
	}
	return err == nil, err
}
