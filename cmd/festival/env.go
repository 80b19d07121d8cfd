package main

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// applyEnv overrides settings from FESTIVAL_<SECTION>_<KEY>, such as FESTIVAL_KAFKA_BROKERS (a comma-separated
// list) or FESTIVAL_HTTP_ADDR; the festival section's own keys are FESTIVAL_ID, FESTIVAL_TIMEZONE and so on.
// Windows, rates and names have no variable: they are sealed with the ledger and belong into a file.
func (c *Config) applyEnv(environ []string) error {
	given := map[string]string{}
	for _, e := range environ {
		if name, value, ok := strings.Cut(e, "="); ok && strings.HasPrefix(name, "FESTIVAL_") {
			given[strings.TrimPrefix(name, "FESTIVAL_")] = value
		}
	}
	return errors.Join(
		setFields("", reflect.ValueOf(&c.Festival).Elem(), given),
		setFields("KAFKA_", reflect.ValueOf(&c.Kafka).Elem(), given),
		setFields("CLICKHOUSE_", reflect.ValueOf(&c.ClickHouse).Elem(), given),
		setFields("HTTP_", reflect.ValueOf(&c.HTTP).Elem(), given),
		leftOver(given))
}

// leftOver names variables of a section that set nothing: typing errors. Others, such as FESTIVAL_ENGINE_LIB, are not ours.
func leftOver(given map[string]string) error {
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(given)) {
		section, _, _ := strings.Cut(name, "_")
		if section == "KAFKA" || section == "CLICKHOUSE" || section == "HTTP" {
			problems = append(problems, fmt.Errorf("environment FESTIVAL_%s: there is no such setting", name))
		}
	}
	return errors.Join(problems...)
}

func setFields(prefix string, section reflect.Value, given map[string]string) error {
	var problems []error
	for i := range section.NumField() {
		name := prefix + strings.ToUpper(section.Type().Field(i).Tag.Get("yaml"))
		value, ok := given[name]
		if !ok {
			continue
		}
		delete(given, name)
		if err := setField(section.Field(i), value); err != nil {
			problems = append(problems, fmt.Errorf("environment FESTIVAL_%s=%q: %w", name, value, err))
		}
	}
	return errors.Join(problems...)
}

func setField(field reflect.Value, value string) error {
	switch p := field.Addr().Interface().(type) {
	case *string:
		*p = value
	case *bool:
		b, err := strconv.ParseBool(value)
		*p = b
		return err
	case *int:
		n, err := strconv.Atoi(value)
		*p = n
		return err
	case *time.Duration:
		d, err := time.ParseDuration(value)
		*p = d
		return err
	case *[]string:
		*p = strings.Split(value, ",")
	default:
		return errors.New("cannot be set by a variable; set it in festival.yaml")
	}
	return nil
}
