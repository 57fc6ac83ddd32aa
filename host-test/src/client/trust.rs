//! Whose certificates are trusted.
//!
//! The roots of the system, or those of `SSL_CERT_FILE` and `SSL_CERT_DIR` in their place, as OpenSSL has it; and beside
//! them those of `NODE_EXTRA_CA_CERTS`, so that one variable serves the Node package and this. Mozilla's roots stand in
//! where the system has none, as in a bare container.

use std::collections::HashSet;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use super::Misconfigured;

/// What TLS needs to know.
pub(super) fn config(variable: &dyn Fn(&str) -> Option<String>) -> Result<Arc<ClientConfig>, Misconfigured> {
    let is_set = |name: &&str| variable(name).is_some_and(|value| !value.is_empty());
    let mut roots = RootCertStore::empty();
    // It reads the two variables itself.
    let mut known = rustls_native_certs::load_native_certs().certs;
    roots.add_parsable_certificates(known.iter().cloned());
    if roots.is_empty() {
        if let Some(variable) = ["SSL_CERT_FILE", "SSL_CERT_DIR"].into_iter().find(is_set) {
            return Err(Misconfigured::NoCertificate(variable));
        }
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    const EXTRA: &str = "NODE_EXTRA_CA_CERTS";
    if let Some(file) = variable(EXTRA).filter(|file| !file.is_empty()) {
        let certificates = CertificateDer::pem_file_iter(file).map_err(|_| Misconfigured::NoCertificate(EXTRA))?;
        let certificates: Vec<CertificateDer<'static>> = certificates.flatten().collect();
        let (added, _) = roots.add_parsable_certificates(certificates.iter().cloned());
        if added == 0 {
            return Err(Misconfigured::NoCertificate(EXTRA));
        }
        known.extend(certificates);
    }
    let provider = Arc::new(ring::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build();
    let verifier = Verifier {
        chains: verifier.map_err(|_| Misconfigured::NoTls)?,
        known: known.into_iter().map(|certificate| certificate.as_ref().to_vec()).collect(),
    };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| Misconfigured::NoTls)?;
    Ok(Arc::new(config.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth()))
}

/// Trusts what chains to a root, and a server that shows one of the known certificates itself, as OpenSSL does: those
/// that people sign themselves are mostly authorities at once, and webpki takes no authority for a server.
#[derive(Debug)]
struct Verifier {
    chains: Arc<WebPkiServerVerifier>,
    known: HashSet<Vec<u8>>,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = self.chains.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        match &verified {
            // Its dates come before this, and are right; its name has not been compared yet.
            Err(Error::InvalidCertificate(CertificateError::Other(cause)))
                if cause.0.downcast_ref() == Some(&webpki::Error::CaUsedAsEndEntity)
                    && self.known.contains(end_entity.as_ref()) =>
            {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                Ok(ServerCertVerified::assertion())
            }
            _ => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chains.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chains.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chains.supported_verify_schemes()
    }
}
