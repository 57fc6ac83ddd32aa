//! Whose certificates are trusted.
//!
//! The roots of the system, or those of `SSL_CERT_FILE` and `SSL_CERT_DIR` in their place, as OpenSSL has it; and beside
//! them those of `NODE_EXTRA_CA_CERTS`, so that one variable serves the Node package and this. Mozilla's roots stand in
//! where the system has none, as in a bare container.

use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use super::Misconfigured;

/// What TLS needs to know.
pub(super) fn config(variable: &dyn Fn(&str) -> Option<String>) -> Result<Arc<ClientConfig>, Misconfigured> {
    let is_set = |name: &&str| variable(name).is_some_and(|value| !value.is_empty());
    let mut roots = RootCertStore::empty();
    // It reads the two variables itself.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        if let Some(variable) = ["SSL_CERT_FILE", "SSL_CERT_DIR"].into_iter().find(is_set) {
            return Err(Misconfigured::NoCertificate(variable));
        }
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    const EXTRA: &str = "NODE_EXTRA_CA_CERTS";
    if let Some(file) = variable(EXTRA).filter(|file| !file.is_empty()) {
        let certificates = CertificateDer::pem_file_iter(file).map_err(|_| Misconfigured::NoCertificate(EXTRA))?;
        let (added, _) = roots.add_parsable_certificates(certificates.flatten());
        if added == 0 {
            return Err(Misconfigured::NoCertificate(EXTRA));
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| Misconfigured::NoTls)?;
    Ok(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}
