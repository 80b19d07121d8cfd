package sql

import "context"

// CloseRequest asks the process that makes a ledger's official frames to close it.
type CloseRequest struct {
	AtMs   int64  // Unix milliseconds; the request's name beside the ledger
	Who    string // who asks
	Anyway string // the reason to close although something is incomplete, else ""
}

// AskClose stores a request. Repeating it does no harm.
func (s *Store) AskClose(ctx context.Context, ledger uint64, r CloseRequest) error {
	at, who, anyway := []int64{r.AtMs}, []string{r.Who}, []string{r.Anyway}
	return s.insert(ctx, "close_requests_insert", 1, ledgerOf(ledger, 1), int64s(&at), textsOf(&who), textsOf(&anyway))
}

// CloseAsked gives the oldest request without an answer that was made at or after sinceMs; ok false where there is none.
func (s *Store) CloseAsked(ctx context.Context, ledger uint64, sinceMs int64) (r CloseRequest, ok bool, err error) {
	var at []int64
	var who, anyway []string
	err = s.read(ctx, "close_requests", []any{named("ledger", ledger), named("since", sinceMs)},
		[]column{int64s(&at), textsOf(&who), textsOf(&anyway)}, func(int) error {
			r, ok = CloseRequest{AtMs: at[0], Who: who[0], Anyway: anyway[0]}, true
			return nil
		})
	return r, ok, err
}

// AnswerClose says why a request was not done, or that it is withdrawn: nobody takes it up any more.
func (s *Store) AnswerClose(ctx context.Context, ledger uint64, requestMs, answerMs int64, answer string) error {
	request, at, text := []int64{requestMs}, []int64{answerMs}, []string{answer}
	return s.insert(ctx, "close_answers_insert", 1, ledgerOf(ledger, 1), int64s(&request), int64s(&at), textsOf(&text))
}

// CloseAnswer gives the first answer to a request, "" where there is none.
func (s *Store) CloseAnswer(ctx context.Context, ledger uint64, requestMs int64) (answer string, err error) {
	var text []string
	err = s.read(ctx, "close_answers", []any{named("ledger", ledger), named("request_ms", requestMs)}, []column{textsOf(&text)},
		func(int) error { answer = text[0]; return nil })
	return answer, err
}
