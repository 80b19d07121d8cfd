// Package leaks is for TestMain: it runs a package's tests and demands that they have left no goroutine. In comes the testing.M; the
// process ends with its exit code, or with 1 and the goroutines' stacks.
//
// goleak alone looks for less than half a second, which is short on a busy machine: what is about to end has a minute here.
package leaks

import (
	"time"

	"go.uber.org/goleak"
)

// patience is how long a goroutine may take to end.
const patience = time.Minute

// fetchManager is a goroutine that franz-go sometimes keeps: it shares out a consumer's fetches, and was seen on busy machines minutes
// after its client was closed and everything else of it had ended (kgo v1.22.2, consumer.go). It holds no record and no connection.
const fetchManager = "github.com/twmb/franz-go/pkg/kgo.(*fetchManager).manageFetchConcurrency"

// Main is goleak.VerifyTestMain with patience. Goroutines that the options name are not ours to end, nor is franz-go's fetchManager.
func Main(m interface{ Run() int }, options ...goleak.Option) {
	options = append(options, goleak.IgnoreAnyFunction(fetchManager))
	goleak.VerifyTestMain(patient{m, options}, options...)
}

type patient struct {
	m       interface{ Run() int }
	options []goleak.Option
}

// Run gives the tests' exit code once no goroutine is left, or patience has ended.
func (p patient) Run() int {
	code := p.m.Run()
	for end := time.Now().Add(patience); code == 0 && goleak.Find(p.options...) != nil && time.Now().Before(end); {
		time.Sleep(100 * time.Millisecond) // a pace
	}
	return code
}
