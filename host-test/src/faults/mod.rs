//! A server that misbehaves on order, beside the simulator: real sockets on loopback, raw bytes, real resets.
//!
//! - [`Fault`] names every way to misbehave; [`Fault::ALL`] is what a matrix of tests goes through.
//! - [`FaultServer::start`] answers by itself: the requests that a fault is [ordered](FaultServer::order) for meet the
//!   fault, all others a well-formed success, so that a call gets as far as it is wanted to.
//! - [`FaultServer::in_front_of`] is a reverse proxy before a simulator: a fraction of the requests, chosen by a seed,
//!   meet one of some faults, and [`Seen::forwarded`] says whether the simulator got them all the same: a lost request
//!   and a lost reply look alike to the client, and only one of them changed something.
//!
//! What another server answers, with a status of 200 and in JSON, is among the faults: a proxy's page, a login, another
//! API's success. Such an answer proves nothing, and a client that misses an error in it reports messages that nobody got.
//!
//! To add a fault: a line in the table of [`Fault`] here, and what it does in `script`.

mod script;
mod server;
mod tls;

pub use self::script::TOKEN;
pub use self::server::{Arrived, FaultServer, Plan, Seen, Target};

/// What of a connection a fault has to do with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The address itself: the server's [base URL](FaultServer::base_url) is such a one, and no request can arrive.
    Address,
    /// The port: whoever connects meets the fault, before there is a request.
    Listener,
    /// One request and its answer.
    Exchange,
}

/// What a fault means for the call behind it, as a server in front of the real one may act it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The call is not done: a gateway refused it, or the code says so.
    Never,
    /// The call may have been done: the client cannot know.
    Perhaps,
    /// The call was done, and the answer says so to whoever reads it well.
    Always,
}

/// The table of the faults: name, scope, reach.
macro_rules! faults {
    ($($(#[doc = $doc:literal])+ $variant:ident: $name:literal, $scope:ident, $reach:ident;)+) => {
        /// One way to misbehave.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Fault {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Fault {
            /// Every fault, in the order of the way that a request takes.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The name in kebab-case, for reports and command lines.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What of a connection it has to do with.
            pub const fn scope(self) -> Scope {
                match self { $(Self::$variant => Scope::$scope,)+ }
            }

            /// What it means for the call behind it.
            pub const fn reach(self) -> Reach {
                match self { $(Self::$variant => Reach::$reach,)+ }
            }
        }
    };
}

faults! {
    // ------------------------------------------------------------------------------------------ before the request
    /// The host name of the base URL does not resolve.
    NameUnresolved: "name-unresolved", Address, Never;
    /// There is no route to the address.
    NoRoute: "no-route", Address, Never;
    /// The server speaks plain HTTP where TLS is expected.
    TlsNotSpoken: "tls-not-spoken", Address, Never;
    /// The connection is reset inside the TLS handshake.
    TlsReset: "tls-reset", Address, Never;
    /// The connection is closed inside the TLS handshake.
    TlsClosed: "tls-closed", Address, Never;
    /// The server sends a TLS alert instead of its half of the handshake.
    TlsAlert: "tls-alert", Address, Never;
    /// The server shows a certificate that nobody trusts.
    TlsUntrusted: "tls-untrusted", Address, Never;
    /// The TLS handshake is never answered.
    TlsSilent: "tls-silent", Address, Never;
    /// Nobody listens at the port.
    ConnectionRefused: "connection-refused", Listener, Never;
    /// Connecting takes for ever: the queue of the port is full.
    ConnectTimeout: "connect-timeout", Listener, Never;

    // ------------------------------------------------------------------------------------- the request or its answer is lost
    /// The connection is reset as soon as it is accepted.
    ResetOnAccept: "reset-on-accept", Listener, Perhaps;
    /// The connection is closed as soon as it is accepted.
    CloseOnAccept: "close-on-accept", Listener, Perhaps;
    /// The request arrives and is not read; reset.
    ResetUnread: "reset-unread", Exchange, Perhaps;
    /// The head of the request is read; reset.
    ResetAfterHead: "reset-after-head", Exchange, Perhaps;
    /// The whole request is read; reset.
    ResetAfterRequest: "reset-after-request", Exchange, Perhaps;
    /// The head of the request is read; the connection closes.
    CloseAfterHead: "close-after-head", Exchange, Perhaps;
    /// The whole request is read; the connection closes without an answer.
    CloseAfterRequest: "close-after-request", Exchange, Perhaps;
    /// The request is never read, and never answered.
    NeverRead: "never-read", Exchange, Perhaps;
    /// The request is read and never answered.
    NeverAnswered: "never-answered", Exchange, Perhaps;
    /// The answer is good, and comes after ten seconds.
    FirstByteLate: "first-byte-late", Exchange, Perhaps;
    /// Half a status line; reset.
    ResetInStatusLine: "reset-in-status-line", Exchange, Perhaps;
    /// Half of the headers; reset.
    ResetInHeaders: "reset-in-headers", Exchange, Perhaps;
    /// Half of the headers; the connection closes.
    CloseInHeaders: "close-in-headers", Exchange, Perhaps;
    /// Headers without end, one every tenth of a second.
    HeadersNeverEnd: "headers-never-end", Exchange, Perhaps;
    /// A status line that trickles, one byte in half a second.
    StatusLineTrickles: "status-line-trickles", Exchange, Perhaps;
    /// Informational answers (103) without end.
    InformationalForEver: "informational-for-ever", Exchange, Perhaps;
    /// The headers, and never a byte of the body.
    BodyNeverBegins: "body-never-begins", Exchange, Perhaps;
    /// Half of the body; reset.
    ResetInBody: "reset-in-body", Exchange, Perhaps;
    /// Half of the body; the connection closes: it is shorter than announced.
    BodyShort: "body-short", Exchange, Perhaps;
    /// Half of the body, and then silence.
    BodyStalls: "body-stalls", Exchange, Perhaps;
    /// A body that trickles without end, a byte every tenth of a second.
    BodyTrickles: "body-trickles", Exchange, Perhaps;
    /// A chunked body that trickles without end.
    ChunksTrickle: "chunks-trickle", Exchange, Perhaps;
    /// One gigabyte is announced, and little of it comes.
    GigabyteAnnounced: "gigabyte-announced", Exchange, Perhaps;
    /// A chunked answer breaks off inside a chunk.
    ChunkCut: "chunk-cut", Exchange, Perhaps;
    /// A chunked answer has its data and breaks off before the last chunk.
    LastChunkMissing: "last-chunk-missing", Exchange, Perhaps;
    /// A body without a length, ended by a reset.
    UnmeasuredReset: "unmeasured-reset", Exchange, Perhaps;

    // ------------------------------------------------------------------------------------------------ not good HTTP
    /// The greeting of an SSH server.
    NotHttp: "not-http", Exchange, Perhaps;
    /// The preface of HTTP/2.
    Http2: "http2", Exchange, Perhaps;
    /// A status line whose status is no number.
    StatusLineBad: "status-line-bad", Exchange, Perhaps;
    /// A version of HTTP that does not exist.
    VersionUnknown: "version-unknown", Exchange, Perhaps;
    /// A header without a colon.
    HeaderBad: "header-bad", Exchange, Perhaps;
    /// One header of a megabyte.
    HeaderHuge: "header-huge", Exchange, Perhaps;
    /// A thousand headers.
    HeadersMany: "headers-many", Exchange, Perhaps;
    /// Two lengths that contradict each other.
    LengthTwice: "length-twice", Exchange, Perhaps;
    /// A length that is no number.
    LengthBad: "length-bad", Exchange, Perhaps;
    /// A length that is negative.
    LengthNegative: "length-negative", Exchange, Perhaps;
    /// A chunk whose size is no number.
    ChunkSizeBad: "chunk-size-bad", Exchange, Perhaps;
    /// A change of protocols (101) that nobody asked for.
    SwitchingProtocols: "switching-protocols", Exchange, Perhaps;

    // --------------------------------------------------------------------------------------- statuses of gateways
    /// 204, no body.
    Status204: "status-204", Exchange, Perhaps;
    /// 206, half of the body.
    Status206: "status-206", Exchange, Perhaps;
    /// 301, elsewhere.
    Status301: "status-301", Exchange, Never;
    /// 302, a login page.
    Status302: "status-302", Exchange, Never;
    /// 303, elsewhere.
    Status303: "status-303", Exchange, Never;
    /// 304, not modified.
    Status304: "status-304", Exchange, Never;
    /// 307, elsewhere with the same method.
    Status307: "status-307", Exchange, Never;
    /// 308, elsewhere with the same method for ever.
    Status308: "status-308", Exchange, Never;
    /// 307 to the server itself: who follows goes round for ever.
    RedirectLoop: "redirect-loop", Exchange, Never;
    /// 400.
    Status400: "status-400", Exchange, Never;
    /// 401.
    Status401: "status-401", Exchange, Never;
    /// 403.
    Status403: "status-403", Exchange, Never;
    /// 404.
    Status404: "status-404", Exchange, Never;
    /// 405.
    Status405: "status-405", Exchange, Never;
    /// 407: the proxy wants to know who calls.
    Status407: "status-407", Exchange, Never;
    /// 408: the gateway gave up waiting.
    Status408: "status-408", Exchange, Perhaps;
    /// 411: the gateway wants a length.
    Status411: "status-411", Exchange, Never;
    /// 412: what WeCom's gateways say to chunked bodies.
    Status412: "status-412", Exchange, Never;
    /// 413: too large.
    Status413: "status-413", Exchange, Never;
    /// 413 as soon as the head is there; the body is still under way.
    Status413Early: "status-413-early", Exchange, Never;
    /// 414: the URL is too long.
    Status414: "status-414", Exchange, Never;
    /// 418: a firewall that jokes.
    Status418: "status-418", Exchange, Never;
    /// 429 without `Retry-After`.
    Status429: "status-429", Exchange, Never;
    /// 429 with `Retry-After: 7`.
    Status429After: "status-429-after", Exchange, Never;
    /// 429 with a date in `Retry-After`.
    Status429Date: "status-429-date", Exchange, Never;
    /// 429 with a `Retry-After` that fits no 32 bits.
    Status429Huge: "status-429-huge", Exchange, Never;
    /// 429 with a negative `Retry-After`.
    Status429Negative: "status-429-negative", Exchange, Never;
    /// 431: the head is too large.
    Status431: "status-431", Exchange, Never;
    /// 499, as nginx notes clients that left.
    Status499: "status-499", Exchange, Never;
    /// 400 with a refusal of WeCom's in the body.
    Status400Json: "status-400-json", Exchange, Never;
    /// 500.
    Status500: "status-500", Exchange, Perhaps;
    /// 500 with a success of WeCom's in the body.
    Status500Success: "status-500-success", Exchange, Perhaps;
    /// 501.
    Status501: "status-501", Exchange, Perhaps;
    /// 502.
    Status502: "status-502", Exchange, Perhaps;
    /// 503.
    Status503: "status-503", Exchange, Perhaps;
    /// 503 with `Retry-After: 7`.
    Status503After: "status-503-after", Exchange, Perhaps;
    /// 504.
    Status504: "status-504", Exchange, Perhaps;
    /// 520, as a content network has it.
    Status520: "status-520", Exchange, Perhaps;
    /// 999, which no one has defined.
    Status999: "status-999", Exchange, Perhaps;

    // ------------------------------------------------------------------------------------ bodies that are not WeCom's
    /// Nothing at all.
    BodyEmpty: "body-empty", Exchange, Perhaps;
    /// White space.
    BodyBlank: "body-blank", Exchange, Perhaps;
    /// A login page with status 200.
    BodyHtml: "body-html", Exchange, Perhaps;
    /// XML, as WeCom's callbacks are.
    BodyXml: "body-xml", Exchange, Perhaps;
    /// The answer wrapped in a call of JavaScript.
    BodyJsonp: "body-jsonp", Exchange, Perhaps;
    /// The JSON stops half-way, and the length is right.
    JsonCut: "json-cut", Exchange, Perhaps;
    /// The length announced is too small, so that the JSON is cut, and the rest of it follows.
    AnnouncedShort: "announced-short", Exchange, Perhaps;
    /// A body without a length that is closed half-way.
    UnmeasuredCut: "unmeasured-cut", Exchange, Perhaps;
    /// A JSON array.
    JsonArray: "json-array", Exchange, Perhaps;
    /// A JSON string.
    JsonString: "json-string", Exchange, Perhaps;
    /// A JSON number.
    JsonNumber: "json-number", Exchange, Perhaps;
    /// `null`.
    JsonNull: "json-null", Exchange, Perhaps;
    /// `true`.
    JsonTrue: "json-true", Exchange, Perhaps;
    /// Two documents, one behind the other.
    JsonTwice: "json-twice", Exchange, Perhaps;
    /// A document with something behind it.
    JsonTrailing: "json-trailing", Exchange, Perhaps;
    /// JSON with a comma too many.
    JsonComma: "json-comma", Exchange, Perhaps;
    /// JSON with `NaN` in it.
    JsonNan: "json-nan", Exchange, Perhaps;
    /// `errcode` stands twice, 0 and something else.
    ErrcodeTwice: "errcode-twice", Exchange, Perhaps;
    /// `errmsg` stands twice.
    KeyTwice: "key-twice", Exchange, Perhaps;
    /// UTF-16.
    Utf16: "utf-16", Exchange, Perhaps;
    /// `errmsg` in GBK, which is no UTF-8.
    Gbk: "gbk", Exchange, Perhaps;
    /// A byte that no UTF-8 has.
    Utf8Invalid: "utf-8-invalid", Exchange, Perhaps;
    /// Half of a surrogate pair, escaped.
    LoneSurrogate: "lone-surrogate", Exchange, Perhaps;
    /// A control character inside a text.
    ControlCharacter: "control-character", Exchange, Perhaps;
    /// gzip that nobody asked for.
    Gzip: "gzip", Exchange, Perhaps;
    /// Ten megabytes with their length.
    TenMegabytes: "ten-megabytes", Exchange, Perhaps;
    /// Ten megabytes in chunks.
    TenMegabytesChunked: "ten-megabytes-chunked", Exchange, Perhaps;
    /// A hundred thousand brackets.
    NestedArrays: "nested-arrays", Exchange, Perhaps;
    /// Twenty thousand objects inside each other, behind a good `errcode`.
    NestedObjects: "nested-objects", Exchange, Perhaps;
    /// Half a million small values.
    ValuesMany: "values-many", Exchange, Perhaps;

    // --------------------------------------------------------------------------------------- errcode in other forms
    /// `errcode` is a word.
    ErrcodeWord: "errcode-word", Exchange, Perhaps;
    /// `errcode` is 0.5.
    ErrcodeFraction: "errcode-fraction", Exchange, Perhaps;
    /// `errcode` fits no 32 bits.
    ErrcodeHuge: "errcode-huge", Exchange, Perhaps;
    /// `errcode` fits no number that a computer has.
    ErrcodeInfinite: "errcode-infinite", Exchange, Perhaps;
    /// `errcode` is `null`.
    ErrcodeNull: "errcode-null", Exchange, Perhaps;
    /// `errcode` is `false`.
    ErrcodeBoolean: "errcode-boolean", Exchange, Perhaps;
    /// `errcode` is a list.
    ErrcodeList: "errcode-list", Exchange, Perhaps;
    /// `errcode` is an object.
    ErrcodeObject: "errcode-object", Exchange, Perhaps;
    /// `errcode` is an empty text.
    ErrcodeEmpty: "errcode-empty", Exchange, Perhaps;
    /// `errcode` is the text "40058": a refusal all the same.
    ErrcodeText: "errcode-text", Exchange, Never;
    /// `errcode` is 40058.0: a refusal all the same.
    ErrcodeFloat: "errcode-float", Exchange, Never;
    /// `errcode` is negative, and not -1.
    ErrcodeNegative: "errcode-negative", Exchange, Never;
    /// `errcode` is -1: WeCom is busy.
    ErrcodeBusy: "errcode-busy", Exchange, Perhaps;
    /// `errcode` is 45009: too many calls.
    ErrcodeLimit: "errcode-limit", Exchange, Never;
    /// `errcode` is 60020: the address is not trusted.
    ErrcodeAddress: "errcode-address", Exchange, Never;
    /// `errcode` is one that nobody knows.
    ErrcodeUnknown: "errcode-unknown", Exchange, Never;
    /// A refusal with words of a hundred thousand characters.
    WordsLong: "words-long", Exchange, Never;
    /// A refusal whose `errmsg` is no text.
    WordsNoText: "words-no-text", Exchange, Never;

    // -------------------------------------------------------------------------------------- fields not as documented
    /// Every field but `errcode` has another type than documented.
    TypesOther: "types-other", Exchange, Perhaps;
    /// Every field but `errcode` is missing.
    FieldsMissing: "fields-missing", Exchange, Perhaps;
    /// Every field but `errcode` is `null`.
    FieldsNull: "fields-null", Exchange, Perhaps;

    // ----------------------------------------------------------------- JSON of others: nothing in it proves a success
    /// An object with nothing in it.
    ObjectEmpty: "object-empty", Exchange, Perhaps;
    /// `message`, with the status that a proxy got instead of an answer.
    OtherMessage: "other-message", Exchange, Perhaps;
    /// `ret` and `msg`: who calls is not logged in.
    OtherRet: "other-ret", Exchange, Perhaps;
    /// `errCode`: a code of WeCom's in another spelling.
    OtherErrCode: "other-err-code", Exchange, Perhaps;
    /// `Errcode`: a success in another spelling.
    OtherErrcode: "other-errcode", Exchange, Perhaps;
    /// `code`, `msg` and `data`: another API's success.
    OtherCode: "other-code", Exchange, Perhaps;
    /// `success` is `true`.
    OtherSuccess: "other-success", Exchange, Perhaps;
    /// `error` is a sentence.
    OtherError: "other-error", Exchange, Perhaps;
    /// `error` is an object with a code and a message.
    OtherErrorObject: "other-error-object", Exchange, Perhaps;
    /// `status`, `error` and `path`, as an application server answers where nothing is.
    OtherStatus: "other-status", Exchange, Perhaps;
    /// A login page in JSON.
    OtherLogin: "other-login", Exchange, Perhaps;
    /// A list that has nothing in it.
    OtherData: "other-data", Exchange, Perhaps;
    /// `errmsg` is "ok", and `errcode` is not there.
    OtherErrmsg: "other-errmsg", Exchange, Perhaps;
    /// `errcode` is an empty text, and nothing else is there.
    OtherErrcodeEmpty: "other-errcode-empty", Exchange, Perhaps;
    /// A success of WeCom's, wrapped in an object.
    OtherWrapped: "other-wrapped", Exchange, Perhaps;
    /// A `message` of a hundred thousand characters.
    OtherLong: "other-long", Exchange, Perhaps;
    /// No `errcode`, and what other APIs prove a success by.
    ProofForeign: "proof-foreign", Exchange, Perhaps;
    /// No `errcode`, and the fields of the good answer are `null`.
    ProofNull: "proof-null", Exchange, Perhaps;
    /// No `errcode`, and the fields of the good answer are empty texts.
    ProofEmpty: "proof-empty", Exchange, Perhaps;
    /// No `errcode`, and the fields of the good answer have other types.
    ProofTypes: "proof-types", Exchange, Perhaps;

    // -------------------------------------------------------------------------------------------- secrets in answers
    /// A refusal that echoes every secret as it is.
    EchoPlain: "echo-plain", Exchange, Never;
    /// A refusal that echoes every secret percent-encoded.
    EchoEncoded: "echo-encoded", Exchange, Never;
    /// A refusal that echoes every secret percent-encoded with small hexadecimal digits and `+` for spaces.
    EchoForm: "echo-form", Exchange, Never;
    /// A refusal that echoes every secret with every character percent-encoded.
    EchoAll: "echo-all", Exchange, Never;
    /// A page that echoes every secret, in its text, its headers and its status line.
    EchoPage: "echo-page", Exchange, Never;
    /// A redirect to an address with every secret in it.
    EchoRedirect: "echo-redirect", Exchange, Never;
    /// A secret as a key that stands twice.
    EchoKey: "echo-key", Exchange, Perhaps;
    /// A success whose texts are secrets, and whose types are others than documented.
    EchoTypes: "echo-types", Exchange, Perhaps;
    /// An `errcode` that is a text with every secret in it.
    EchoErrcode: "echo-errcode", Exchange, Perhaps;
    /// JSON of another server, with every secret in its keys and in its values.
    EchoOther: "echo-other", Exchange, Perhaps;

    // ------------------------------------------------------------------------- unusual, and good all the same
    /// The answer comes piece by piece, in time.
    Slow: "slow", Exchange, Always;
    /// 100 and 103 before the answer.
    Informational: "informational", Exchange, Always;
    /// The answer is HTTP/1.0 without a length, and ends with the connection.
    Unmeasured: "unmeasured", Exchange, Always;
    /// The answer is chunked, a byte in each.
    Chunked: "chunked", Exchange, Always;
    /// Length and chunks together: chunks go before.
    LengthAndChunks: "length-and-chunks", Exchange, Always;
    /// A second answer follows the first, to a request that was never made, and the connection stays open.
    BodyLong: "body-long", Exchange, Always;
    /// The answer comes as soon as the head of the request is there; the body is still under way.
    AnsweredEarly: "answered-early", Exchange, Always;
    /// Status 201 with a success of WeCom's.
    Status201: "status-201", Exchange, Always;
    /// JSON that says it is HTML.
    ContentTypeWrong: "content-type-wrong", Exchange, Always;
    /// No content type.
    ContentTypeMissing: "content-type-missing", Exchange, Always;
    /// Plain JSON that says it is gzip.
    GzipClaimed: "gzip-claimed", Exchange, Always;
    /// A byte order mark before the JSON.
    ByteOrderMark: "byte-order-mark", Exchange, Always;
    /// White space around the JSON.
    BlankAround: "blank-around", Exchange, Always;
    /// No `errcode`, and the fields of the good answer: for some APIs they prove the success.
    ErrcodeMissing: "errcode-missing", Exchange, Always;
    /// `errcode` is the text "0".
    ErrcodeZeroText: "errcode-zero-text", Exchange, Always;
    /// `errcode` is 0.0.
    ErrcodeZeroFloat: "errcode-zero-float", Exchange, Always;
    /// `errcode` is -0.
    ErrcodeMinusZero: "errcode-minus-zero", Exchange, Always;
    /// Fields that nobody documents.
    FieldsMore: "fields-more", Exchange, Always;
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_fault_has_a_name_of_its_own() {
        let names: BTreeSet<_> = Fault::ALL.iter().map(|fault| fault.name()).collect();
        assert_eq!(names.len(), Fault::ALL.len());
        let kebab = |name: &str| name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        assert!(names.iter().all(|name| kebab(name)), "{names:?}");
    }
}
