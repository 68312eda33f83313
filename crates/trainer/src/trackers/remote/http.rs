//! Requests with a secret that no message shows, and what their failures mean.

use std::fmt;
use std::time::Duration;

use serde_json::Value;
use ureq::Agent;
use ureq::http::Response;

/// An answer is not read beyond this.
const ANSWER: u64 = 1024 * 1024;
/// A server's words in a message are cut here, in characters.
const WORDS: usize = 200;
/// The longest that a server may ask to wait.
const LONGEST_WAIT: u64 = 60;

/// What must not be shown: an API key or token.
#[derive(Clone)]
pub(in crate::trackers) struct Secret(String);

impl Secret {
    pub(in crate::trackers) fn new(secret: &str) -> Self {
        Self(secret.to_owned())
    }

    fn removed_from(&self, text: &str) -> String {
        if self.0.is_empty() { text.to_owned() } else { text.replace(&self.0, "***") }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// A server: where it is, and what opens it.
#[derive(Debug, Clone)]
pub(in crate::trackers) struct Http {
    agent: Agent,
    base: String,
    /// What `Authorization` says before the secret, such as `Bearer `.
    scheme: &'static str,
    secret: Option<Secret>,
}

/// A request that failed.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::trackers) enum Failure {
    /// It may work later, at the earliest after this time where the server says so.
    Again(String, Option<Duration>),
    /// The server does not take what was sent.
    Refused(String),
    /// The server takes nothing from us.
    Closed(String),
}

impl Http {
    /// A server at `base`, which ends in no slash. `timeout` is for a whole request.
    pub(in crate::trackers) fn new(
        base: &str,
        scheme: &'static str,
        secret: Option<Secret>,
        timeout: Duration,
    ) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(timeout))
            .http_status_as_error(false)
            .max_redirects(0) // a redirect would carry the secret elsewhere
            .build();
        Self { agent: config.into(), base: base.trim_end_matches('/').to_owned(), scheme, secret }
    }

    /// Sends JSON and gives the JSON that is answered, null where that is something else.
    pub(in crate::trackers) fn post(&self, path: &str, body: &Value) -> Result<Value, Failure> {
        let url = format!("{}/{path}", self.base);
        let mut request = self.agent.post(&url).header("Content-Type", "application/json");
        if let Some(secret) = &self.secret {
            request = request.header("Authorization", format!("{}{}", self.scheme, secret.0));
        }
        let mut response = request.send(body.to_string()).map_err(|error| self.failure(&error))?;
        let text = response.body_mut().with_config().limit(ANSWER).read_to_string();
        let text = text.map_err(|error| self.failure(&error))?;
        match self.refusal(&response, &text) {
            Some(failure) => Err(failure),
            None => Ok(serde_json::from_str(&text).unwrap_or(Value::Null)),
        }
    }

    fn failure(&self, error: &ureq::Error) -> Failure {
        let text = self.told(&error.to_string());
        match error {
            ureq::Error::BadUri(_) | ureq::Error::Http(_) => {
                Failure::Closed(format!("{text}; check the address and the key"))
            }
            _ => Failure::Again(text, None),
        }
    }

    fn refusal<T>(&self, response: &Response<T>, text: &str) -> Option<Failure> {
        let status = response.status().as_u16();
        let text = self.told(&format!("HTTP {status}: {}", text.split_whitespace().collect::<Vec<_>>().join(" ")));
        match status {
            200..=299 => None,
            408 | 425 | 429 | 500.. => {
                let wait = response.headers().get("Retry-After").and_then(|value| value.to_str().ok()?.parse().ok());
                Some(Failure::Again(text, wait.map(|seconds: u64| Duration::from_secs(seconds.min(LONGEST_WAIT)))))
            }
            401 | 403 => Some(Failure::Closed(format!("{text}; check the key"))),
            404 | 300..=399 => Some(Failure::Closed(format!("{text}; check the address"))),
            _ => Some(Failure::Refused(text)),
        }
    }

    /// A text fit for a message: short, in one line, without the secret.
    fn told(&self, text: &str) -> String {
        let text = self.secret.as_ref().map_or_else(|| text.to_owned(), |secret| secret.removed_from(text));
        text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(WORDS).collect()
    }
}
