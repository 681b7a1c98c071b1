//! RSA keys in PEM, which both makers of wallet apps ask for.

use std::fmt;

use ring::{
    rand::SystemRandom,
    rsa::KeyPair,
    signature::{KeyPair as _, RSA_PKCS1_SHA256},
};
use rustls_pki_types::{PrivateKeyDer, pem::PemObject};

use super::{PassError, PassKeyError};

/// Signs with an RSA key: PKCS #1 v1.5 over SHA-256.
pub(super) struct RsaSigner {
    key: KeyPair,
    random: SystemRandom,
}

impl RsaSigner {
    pub fn from_pem(pem: &[u8]) -> Result<Self, PassKeyError> {
        let key = PrivateKeyDer::from_pem_slice(pem).map_err(|_| PassKeyError::NoKey)?;
        let key = match &key {
            PrivateKeyDer::Pkcs1(der) => KeyPair::from_der(der.secret_pkcs1_der()),
            PrivateKeyDer::Pkcs8(der) => KeyPair::from_pkcs8(der.secret_pkcs8_der()),
            PrivateKeyDer::Sec1(_) => return Err(PassKeyError::NotRsa("it is an EC key".to_owned())),
            _ => return Err(PassKeyError::NotRsa("it is of another kind".to_owned())),
        };
        let key = key.map_err(|error| PassKeyError::NotRsa(error.to_string()))?;
        Ok(Self { key, random: SystemRandom::new() })
    }

    /// The public half, as an `RSAPublicKey` is encoded.
    pub fn public_key(&self) -> &[u8] {
        self.key.public_key().as_ref()
    }

    /// Length of a signature, in bytes.
    pub fn signature_length(&self) -> usize {
        self.key.public().modulus_len()
    }

    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, PassError> {
        let mut signature = vec![0; self.signature_length()];
        let signed = self.key.sign(&RSA_PKCS1_SHA256, &self.random, message, &mut signature);
        signed.map_err(|_| PassError::Unsigned)?;
        Ok(signature)
    }
}

impl fmt::Debug for RsaSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RsaSigner(…)")
    }
}
