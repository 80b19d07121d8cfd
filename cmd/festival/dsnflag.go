package main

import (
	"errors"
	"net/url"
	"strings"
)

// errPasswordFlag does not repeat the DSN: what is refused here must not go into a log as well.
var errPasswordFlag = errors.New("--dsn holds a password, which every user of this machine can read in the process list: leave it out there and give it by " +
	"FESTIVAL_CLICKHOUSE_PASSWORD or clickhouse.password_file (FESTIVAL_CLICKHOUSE_PASSWORD_FILE), or the whole DSN by FESTIVAL_CLICKHOUSE_DSN; and change the password")

// overDSN puts a flag over clickhouse.dsn. A password in it is refused.
func (c *Config) overDSN(flag string) error {
	c.over("clickhouse.dsn", &c.ClickHouse.DSN, flag)
	if hasPassword(flag) {
		return errPasswordFlag
	}
	return nil
}

// hasPassword says whether a DSN names one, as clickhouse-go reads it: user:password@ before the hosts, or the parameter password.
// It reads the text itself, because a DSN that cannot be parsed shows its password all the same.
func hasPassword(dsn string) bool {
	_, rest, _ := strings.Cut(dsn, "://")
	rest, query, _ := strings.Cut(rest, "?")
	authority, _, _ := strings.Cut(rest, "/")
	if at := strings.LastIndex(authority, "@"); at >= 0 {
		if _, password, _ := strings.Cut(authority[:at], ":"); password != "" {
			return true
		}
	}
	for pair := range strings.SplitSeq(query, "&") {
		key, value, _ := strings.Cut(pair, "=")
		if name, err := url.QueryUnescape(key); err == nil && name == "password" && value != "" {
			return true
		}
	}
	return false
}
