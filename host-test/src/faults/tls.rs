//! A TLS server whose certificate nobody trusts.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Self-signed for 127.0.0.1, with the key that [`SEED`] gives.
const CERTIFICATE: &str = "MIIBYjCCARSgAwIBAgIUbCIYZ8r8f700ErBdSjhBz5iHoIQwBQYDK2VwMB0xGzAZBgNVBAMMEm5vYm9keS10cnVzdHMtdGhpczAg\
    Fw0yNjExMjEwNjMxMTZaGA8yMTI2MTAyODA2MzExNlowHTEbMBkGA1UEAwwSbm9ib2R5LXRydXN0cy10aGlzMCowBQYDK2VwAyEA\
    IVL40Zt5HSRFMkLhXy6rbLfP+ntqXtMAl5YOBpiB2xKjZDBiMB0GA1UdDgQWBBSfgL5PfypP58HQuarSQwnXRE3P7DAfBgNVHSME\
    GDAWgBSfgL5PfypP58HQuarSQwnXRE3P7DAPBgNVHRMBAf8EBTADAQH/MA8GA1UdEQQIMAaHBH8AAAEwBQYDK2VwA0EASTvbyKZz\
    VNvUlg5VPeSNsYL9rq6Ibb+rJT4FaPpQbdpdoAjVoZinI5eMs8S4mmn+xSei00Gi2GMzRqwtB7GHAA==";
/// What the Ed25519 key is made from: no secret, since nobody trusts its certificate.
const SEED: [u8; 32] = [0x42; 32];
/// What stands before the seed in PKCS #8.
const PKCS8: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/// Shakes hands for as long as the client wants to.
pub(super) async fn untrusted(stream: &mut TcpStream) -> std::io::Result<()> {
    let mut connection = connection().map_err(std::io::Error::other)?;
    let mut bytes = [0; 4096];
    loop {
        let mut answer = Vec::new();
        while connection.wants_write() {
            connection.write_tls(&mut answer)?;
        }
        stream.write_all(&answer).await?;
        let read = stream.read(&mut bytes).await?;
        if read == 0 {
            return Ok(());
        }
        let mut rest = &bytes[..read];
        while !rest.is_empty() {
            connection.read_tls(&mut rest)?;
            connection.process_new_packets().map_err(std::io::Error::other)?;
        }
    }
}

fn connection() -> Result<ServerConnection, Box<dyn std::error::Error + Send + Sync>> {
    let certificate = CertificateDer::from(STANDARD.decode(CERTIFICATE).map_err(|error| error.to_string())?);
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from([&PKCS8[..], &SEED].concat()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)?;
    Ok(ServerConnection::new(Arc::new(config))?)
}
