//! Idempotency-Keys of calls whose target is in the body. No aggregate can detect that such a key was already used for another
//! target.

use ticketshow_domain::{Fingerprint, UserId};
use ticketshow_http::{Problem, RequestIds};
use uuid::Uuid;

use crate::machinery::{app::App, failures::failed, refusals::key_reused};

/// The key of a call, unless the client sent none.
pub(crate) struct UsedKey(Option<(Uuid, Fingerprint)>);

impl App {
    /// Checks that a key was not used for something else.
    ///
    /// # Errors
    ///
    /// 422 `idempotency-key-reused`; 503 if the keys cannot be read.
    pub(crate) async fn check_key(
        &self,
        ids: &RequestIds,
        caller: UserId,
        fingerprint: Option<Fingerprint>,
    ) -> Result<UsedKey, Problem> {
        let Some(fingerprint) = fingerprint else { return Ok(UsedKey(None)) };
        let id = ids.id(caller, "any", self.edge.new_id);
        let known = self.used_keys.get(id).await.map_err(|failure| failed(&failure))?;
        match known {
            Some(known) if known != fingerprint => Err(key_reused()),
            Some(_) => Ok(UsedKey(None)),
            None => Ok(UsedKey(Some((id, fingerprint)))),
        }
    }

    /// Keeps the key of a call that was carried out. A refusal is not remembered.
    pub(crate) async fn keep_key(&self, UsedKey(key): UsedKey) {
        let Some((id, fingerprint)) = key else { return };
        // The call is done: without its key, only a careless client loses something.
        if let Err(failure) = self.used_keys.keep(id, fingerprint).await {
            tracing::warn!(error = &failure as &dyn std::error::Error, "an Idempotency-Key was not kept");
        }
    }
}
