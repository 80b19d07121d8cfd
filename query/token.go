package query

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// The operators' token opens operators' routes from everywhere, so it must not be guessed: 32 bytes are what
// `openssl rand -hex 16` prints. The longest leaves room for other headers (headLimit).
const (
	shortestToken = 32
	longestToken  = 256
)

// bearer is the scheme of RFC 6750 §2.1; RFC 9110 §11.1 takes its name in any case.
const bearer = "bearer "

// token is what operators beyond loopback send, as its hash; nil is none. Hashes are compared: they are of one length, and take one time.
type token struct{ sum *[sha256.Size]byte }

func tokenOf(text string) token {
	if text == "" {
		return token{}
	}
	sum := sha256.Sum256([]byte(text))
	return token{&sum}
}

// CheckOperatorToken says what is wrong with a configured token, without showing it; "" is none.
func CheckOperatorToken(text string) error {
	odd := strings.IndexFunc(text, func(r rune) bool { return r <= ' ' || r > '~' })
	if text != "" && (len(text) < shortestToken || len(text) > longestToken || odd >= 0) {
		return fmt.Errorf("http.operator_token has %d bytes: want %d to %d printable ASCII characters without a space, as `openssl rand -hex 32` prints them",
			len(text), shortestToken, longestToken)
	}
	return nil
}

// sent tells whether a request carries the token.
func (t token) sent(c *fiber.Ctx) bool {
	header := c.Get(fiber.HeaderAuthorization)
	if t.sum == nil || len(header) <= len(bearer) || !strings.EqualFold(header[:len(bearer)], bearer) {
		return false
	}
	got := sha256.Sum256([]byte(header[len(bearer):]))
	return subtle.ConstantTimeCompare(got[:], t.sum[:]) == 1
}

func wrongToken() *problem {
	return newProblem(http.StatusUnauthorized, "token", "The operators' token is another one: it is the line of the file that http.operator_token_file names.")
}
