//! How callbacks get to their URLs.

use std::time::Duration;

use hyper::Method;
use tokio::time::timeout;

use super::callback::{Sealed, Setting, VERIFY_WITHIN};
use crate::plain::{self, Answer};

/// Asks a URL as WeCom does when it is saved; what is wrong, if anything is.
pub(super) async fn verify(setting: &Setting) -> Result<(), String> {
    let (request, echo) = setting.verification().ok_or("url: it is no URL")?;
    let answer = timeout(VERIFY_WITHIN, plain::exchange(Method::GET, &request.url, None, "")).await;
    let answer = answer.map_err(|_| "the URL gave no answer within a second")?;
    let answer = answer.map_err(|failure| format!("the URL was called, and {failure}"))?;
    if answer.status != 200 {
        return Err(format!("the URL answered HTTP status {}; 200 is expected", answer.status));
    }
    let body = &*answer.body;
    if body == echo.as_bytes() {
        return Ok(());
    }
    let trimmed = String::from_utf8_lossy(body);
    let trimmed = trimmed.trim_start_matches('\u{feff}').trim().trim_matches('"');
    Err(match trimmed {
        "" => "the answer of the URL is empty; the decrypted echostr is expected".to_owned(),
        trimmed if trimmed == echo => {
            "the answer of the URL is the decrypted echostr with something round it, such as quotes, a BOM or a line end; \
             it has to stand alone"
                .to_owned()
        }
        _ => "the answer of the URL is not the decrypted echostr".to_owned(),
    })
}

/// Sends a message once; the answer, or why there is none.
pub(super) async fn send(request: &Sealed, within: Duration) -> Result<Answer, String> {
    let sent = plain::exchange(Method::POST, &request.url, Some("text/xml"), request.body.clone());
    match timeout(within, sent).await {
        Ok(answer) => answer.map_err(|failure| failure.to_string()),
        Err(_) => Err(format!("no answer within {} ms", within.as_millis())),
    }
}
