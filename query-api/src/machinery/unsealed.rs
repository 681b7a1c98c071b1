//! Personal texts in answers. A text whose key was destroyed becomes the word `erased`.

use serde_json::Value;
use ticketshow_domain::Personal;
use ticketshow_http::Problem;

use crate::machinery::{app::App, failures::log_failed};

impl App {
    /// Unseals a text.
    ///
    /// # Errors
    ///
    /// 503 if the key of the person cannot be read.
    pub(crate) async fn shown(&self, text: &Personal) -> Result<String, Problem> {
        self.parts.persons.shown(text).await.map_err(|failure| log_failed(&failure))
    }

    /// Unseals all texts in a value that has the form in which it is stored.
    ///
    /// # Errors
    ///
    /// 503 if the key of the person cannot be read.
    pub(crate) async fn unseal(&self, value: &mut Value) -> Result<(), Problem> {
        let mut texts = Vec::new();
        find(value, &mut texts);
        for text in texts {
            *text = self.shown(&Personal::plain(std::mem::take(text))).await?;
        }
        Ok(())
    }
}

fn find<'a>(value: &'a mut Value, texts: &mut Vec<&'a mut String>) {
    match value {
        Value::String(text) => texts.push(text),
        Value::Array(items) => items.iter_mut().for_each(|item| find(item, texts)),
        Value::Object(members) => members.values_mut().for_each(|member| find(member, texts)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
