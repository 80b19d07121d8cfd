package main

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// checker is a command that reads settings. check reads everything, connects to nothing, and gives every problem at
// once; --check runs it alone, and flags that cannot be read are reported beside it.
type checker interface {
	check(*app) error
	checking() bool // --check was given
}

// commandLine is what the arguments say: the command, and what is wrong with them.
type commandLine struct {
	parsed   *kong.Context // nil where not even the command is known
	problems []error
	exit     int // of --help, which has been printed; -1 otherwise
}

// parse reads the arguments. The library stops at the first flag that it cannot read; here that flag is noted, taken
// away, and the rest is read all the same.
func (a *app) parse(args []string) *commandLine {
	line := &commandLine{exit: -1}
	args = slices.Clone(args)
	for range len(args) + 1 {
		parsed, err := kong.Trace(a.parser(line, &valueProblems{}), args)
		if err == nil {
			err = parsed.Error
		}
		if err != nil {
			line.problems = append(line.problems, err)
			rest, ok := withoutBad(parsed, args)
			if !ok {
				return line
			}
			args = rest
			continue
		}
		values := &valueProblems{}
		line.parsed, err = a.parser(line, values).Parse(args)
		if line.exit >= 0 { // the library goes on after --help
			return line
		}
		line.problems = append(line.problems, values.all...)
		var failed *kong.ParseError
		if errors.As(err, &failed) {
			line.parsed = failed.Context
			line.problems = append(line.problems, err)
		}
		return line
	}
	return line
}

func (a *app) parser(line *commandLine, values *valueProblems) *kong.Kong {
	options := []kong.Option{kong.Name("festival"), kong.Writers(a.out, a.err),
		kong.Description("Orders in, the number on the wall: exact to the fen, and provable."),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}), kong.Exit(func(code int) { line.exit = code })}
	parser, err := kong.New(&cli{}, append(options, values.mappers()...)...)
	if err != nil {
		panic("BUG: command line: " + err.Error())
	}
	return parser
}

// withoutBad takes away the argument at which tracing stopped, and what looks like its value. Nothing can be gone on
// with where the command itself is not known.
func withoutBad(parsed *kong.Context, args []string) ([]string, bool) {
	if parsed == nil || len(parsed.Path) == 0 {
		return nil, false
	}
	at := len(args) - len(parsed.Path[len(parsed.Path)-1].Remainder())
	if at >= len(args) || parsed.Selected() == nil && !strings.HasPrefix(args[at], "-") {
		return nil, false
	}
	n := 1
	isFlag := strings.HasPrefix(args[at], "-") && !strings.Contains(args[at], "=")
	if isFlag && parsed.Selected() != nil && at+1 < len(args) && !strings.HasPrefix(args[at+1], "-") {
		n = 2
	}
	return slices.Delete(args, at, at+n), true
}

// valueProblems collects values of flags that cannot be read: the flag then has its default, and the others are read.
type valueProblems struct{ all []error }

// mappers replace the library's for the kinds that our flags have.
func (p *valueProblems) mappers() []kong.Option {
	return []kong.Option{
		p.mapper(reflect.String, func(v reflect.Value, text string) string { v.SetString(text); return "" }),
		p.mapper(reflect.Int, intValue), p.mapper(reflect.Int32, intValue), p.mapper(reflect.Int64, intValue),
		p.mapper(reflect.Uint64, func(v reflect.Value, text string) string {
			n, err := strconv.ParseUint(text, 10, 64)
			v.SetUint(n)
			return unless(err, "want a whole number that is not negative")
		}),
		p.mapper(reflect.Float64, func(v reflect.Value, text string) string {
			n, err := strconv.ParseFloat(text, 64)
			v.SetFloat(n)
			return unless(err, "want a number, such as 0.01")
		}),
		kong.TypeMapper(reflect.TypeFor[time.Duration](), p.decoder(func(v reflect.Value, text string) string {
			d, err := time.ParseDuration(text)
			v.SetInt(int64(d))
			return unless(err, "want a duration with its unit, such as 90s, 1m or 1h")
		})),
		kong.TypeMapper(reflect.TypeFor[size](), p.decoder(func(v reflect.Value, text string) string {
			n, err := parseSize(text)
			v.SetInt(int64(n))
			return unless(err, "want bytes, such as 2GiB or 500MiB")
		})),
	}
}

func intValue(v reflect.Value, text string) string {
	n, err := strconv.ParseInt(text, 10, v.Type().Bits())
	if err == nil {
		v.SetInt(n)
	}
	return unless(err, "want a whole number")
}

func unless(err error, wanted string) string {
	if err == nil {
		return ""
	}
	return wanted
}

func (p *valueProblems) mapper(kind reflect.Kind, read func(reflect.Value, string) string) kong.Option {
	return kong.KindMapper(kind, p.decoder(read))
}

// decoder reads one value; read gives what is wanted where the text is something else.
func (p *valueProblems) decoder(read func(reflect.Value, string) string) kong.MapperFunc {
	return func(ctx *kong.DecodeContext, target reflect.Value) error {
		token, err := ctx.Scan.PopValue(ctx.Value.Name)
		if err != nil {
			return err
		}
		text := token.String()
		wanted := read(target, text)
		if enum := ctx.Value.Enum; enum != "" && !slices.Contains(strings.Split(enum, ","), text) {
			wanted = "want one of " + strings.ReplaceAll(strings.TrimPrefix(enum, ","), ",", ", ")
		}
		if wanted != "" {
			p.all = append(p.all, fmt.Errorf("--%s %q: %s", ctx.Value.Name, text, wanted))
			target.SetZero()
			_ = read(target, ctx.Value.Default)
		}
		return nil
	}
}
