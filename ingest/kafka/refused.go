package kafka

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	kafkago "github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/protocol"
)

// explain turns what kafka-go and crypto/tls say of a closed door into ErrRefused with the setting to look at. Every other error
// stays as it is. No secret is in any of them: passwords are in the mechanism only, and it does not print them.
func (c *Client) explain(err error) error {
	var done *LogError
	if err == nil || errors.As(err, &done) {
		return err
	}
	if text := c.refusal(err); text != "" {
		return c.logError(ErrRefused, -1, -1, "%s (%v)", text, rootOf(err))
	}
	if text := c.wrongDoor(err); text != "" {
		return fmt.Errorf("%s: %w", text, err)
	}
	return err
}

// wrongDoor says what a connection that brokers close without a word usually means, as long as they have never answered us: the port
// speaks TLS and we do not, we do and it does not, or it wants a login. A broker that is going down looks the same, so it is no Kind
// and is tried again.
func (c *Client) wrongDoor(err error) string {
	closed := errors.Is(err, io.ErrUnexpectedEOF)
	switch {
	case c.answered.Load() || !closed && !errors.Is(err, io.EOF):
		return ""
	case c.cfg.TLS == nil && strings.Contains(err.Error(), "expecting TLS"): // kafka-go looks at the first bytes
		return "this port of the brokers speaks TLS and we do not: set kafka.tls, or give a port without TLS in kafka.brokers"
	case c.cfg.TLS != nil && !closed:
		return "the brokers close the connection in the TLS handshake, as a port does that speaks no TLS: give one that does in kafka.brokers, or remove kafka.tls"
	case c.cfg.SASL == nil:
		return "the brokers close the connection instead of answering, as a port does that wants a login: set kafka.sasl, or give another port in kafka.brokers"
	}
	return "the brokers close the connection instead of answering: look at the port in kafka.brokers, at kafka.tls and kafka.sasl"
}

func (c *Client) refusal(err error) string {
	var (
		code      kafkago.Error
		authority x509.UnknownAuthorityError
		name      x509.HostnameError
		invalid   x509.CertificateInvalidError
		noTLS     tls.RecordHeaderError
		op        *net.OpError
	)
	switch {
	case errors.As(err, &code):
		return refusalOf(code)
	case errors.As(err, &authority):
		return "the brokers' certificate is of an authority that we do not know: give its certificate as kafka.tls.ca"
	case errors.As(err, &name):
		return "the brokers' certificate is not for the name that we dialled: write that name in kafka.brokers, or the certificate's in kafka.tls.server_name"
	case errors.As(err, &invalid):
		return "the brokers' certificate is not valid: look at its dates and at this machine's clock"
	case errors.As(err, &noTLS):
		return "this listener of the brokers does not speak TLS: give the port of one that does in kafka.brokers, or remove kafka.tls"
	case errors.As(err, &op) && op.Op == "remote error": // a TLS alert
		return "the brokers do not take our certificate: look at kafka.tls.cert and kafka.tls.key"
	}
	return ""
}

func refusalOf(code kafkago.Error) string {
	switch code {
	case kafkago.SASLAuthenticationFailed:
		return "the brokers do not take user and password: look at kafka.sasl.user, the password's file or variable, and kafka.sasl.mechanism"
	case kafkago.UnsupportedSASLMechanism, kafkago.IllegalSASLState:
		return "the brokers do not offer this way to log in at this listener: look at kafka.sasl.mechanism and the ports in kafka.brokers"
	case kafkago.TopicAuthorizationFailed, kafkago.GroupAuthorizationFailed, kafkago.ClusterAuthorizationFailed:
		return "the brokers let us in and do not allow this: grant kafka.sasl.user reading of topic and group, and creating where the topic is not there"
	}
	return ""
}

// rootOf is the innermost error: kafka-go's wrappings name its own functions.
func rootOf(err error) error {
	for {
		next := errors.Unwrap(err)
		if next == nil {
			return err
		}
		err = next
	}
}

// noTopic: kafka-go answers "topic not found" from an empty map where it could not get in at all. Asking for the map gives the
// reason.
func (c *Client) noTopic(ctx context.Context, err error) error {
	if !errors.Is(err, protocol.ErrNoTopic) {
		return c.explain(err)
	}
	if _, _, why := c.metadata(ctx); errors.Is(why, ErrRefused) {
		return why
	}
	return err
}
