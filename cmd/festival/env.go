package main

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

const envPrefix = "FESTIVAL_"

// otherVariables begin with FESTIVAL_ and are no settings: the engine's own, and those of tests and tools.
var otherVariables = []string{
	"FESTIVAL_ENGINE_BIN", "FESTIVAL_ENGINE_LIB", "FESTIVAL_ENGINE_TOKEN", "FESTIVAL_ENGINE_TEST_PARENT", // sql/engine
	"FESTIVAL_KAFKA_LIB", "FESTIVAL_BIN", "FESTIVAL_URL", "FESTIVAL_SEED", "FESTIVAL_ACCEPTANCE", "FESTIVAL_RETRY_MS", "FESTIVAL_TEST_BROKER_DIR", // tests
}

// testVariables are for tests alone, whatever follows.
const testVariables = "FESTIVAL_TEST_"

// applyEnv overrides settings from FESTIVAL_<SECTION>_<KEY>, such as FESTIVAL_KAFKA_BROKERS (a comma-separated
// list) or FESTIVAL_KAFKA_TLS_CA; the festival section's own keys are FESTIVAL_ID, FESTIVAL_TIMEZONE and so on.
// Windows, rates and names have no variable: they are sealed with the ledger and belong into a file. Every variable of
// that form that is no setting is refused.
func (c *Config) applyEnv(environ []string) error {
	e := envReader{given: map[string]string{}, read: &c.read}
	for _, pair := range environ {
		name, value, ok := strings.Cut(pair, "=")
		if ok && strings.HasPrefix(name, envPrefix) && !strings.HasPrefix(name, testVariables) && !slices.Contains(otherVariables, name) {
			e.given[name] = value
		}
	}
	e.section("", reflect.ValueOf(c).Elem())
	for _, name := range slices.Sorted(maps.Keys(e.given)) {
		e.problems = append(e.problems, fmt.Errorf("environment %s: there is no such setting%s", name, didYouMean(name, e.names)))
	}
	return errors.Join(e.problems...)
}

// envReader goes through all settings; what is left of given belongs to none.
type envReader struct {
	given    map[string]string
	names    []string // of all variables that there are
	problems []error
	read     *readings
}

// envName is the variable of a setting's path; the festival section has no word of its own.
func envName(path string) string {
	path = strings.TrimPrefix(path, "festival.")
	return envPrefix + strings.ToUpper(strings.ReplaceAll(path, ".", "_"))
}

func (e *envReader) section(path string, section reflect.Value) {
	for _, s := range sections(section.Addr().Interface()) {
		at := join(path, strings.ToLower(s.env))
		kind := s.value.Type()
		switch {
		case kind.Kind() == reflect.Struct && at != "festival.name":
			e.section(at, s.value)
		case kind.Kind() == reflect.Pointer && kind.Elem().Kind() == reflect.Struct:
			e.optional(at, s.value)
		default:
			e.set(at, s.value)
		}
	}
}

// optional makes a section that was left out where a variable sets something of it.
func (e *envReader) optional(path string, section reflect.Value) {
	filled := reflect.New(section.Type().Elem())
	if !section.IsNil() {
		filled = section
	}
	before := len(e.given)
	e.section(path, filled.Elem())
	if len(e.given) < before {
		section.Set(filled)
	}
}

func (e *envReader) set(path string, field reflect.Value) {
	name := envName(path)
	e.names = append(e.names, name)
	value, ok := e.given[name]
	if !ok {
		return
	}
	delete(e.given, name)
	err := setVariable(field, value)
	switch {
	case err == nil:
		e.read.over(path)
		return
	case err != errNoVariable:
		e.read.fail(path)
	}
	e.problems = append(e.problems, fmt.Errorf("environment %s=%q: %w", name, value, err))
}

// setVariable reads one value, or a comma-separated list of texts. A secret takes any text, so no error shows one.
func setVariable(field reflect.Value, value string) error {
	if list, ok := field.Addr().Interface().(*[]string); ok {
		*list = strings.Split(value, ",")
		return nil
	}
	err := setScalar(field, value)
	if errors.Is(err, errNoScalar) {
		return errNoVariable
	}
	return err
}

var errNoVariable = errors.New("cannot be set by a variable; set it in festival.yaml")
