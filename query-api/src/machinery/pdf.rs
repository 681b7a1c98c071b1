//! Lists as PDF.

use axum::{
    http::header,
    response::{IntoResponse, Response},
};
use ticketshow_http::Problem;
use ticketshow_tickets::{Column, PrintError, PrintedList, list_pdf};

use crate::machinery::app::App;

/// Columns by name and share of the width.
pub fn columns<const N: usize>(columns: [(&str, u16); N]) -> Vec<Column> {
    columns.map(|(name, share)| Column { name: name.to_owned(), share }).into()
}

/// Prints a list. The caller holds no connection to Postgres meanwhile.
///
/// # Errors
///
/// 503 if too many documents are being printed.
pub async fn answer(app: &App, list: PrintedList, name: &str) -> Result<Response, Problem> {
    print(app, move || list_pdf(&list), name).await
}

/// Prints a document and answers with it. The caller holds no connection to Postgres meanwhile.
///
/// # Errors
///
/// 503 if too many documents are being printed.
pub async fn print(
    app: &App,
    document: impl FnOnce() -> Result<Vec<u8>, PrintError> + Send + 'static,
    name: &str,
) -> Result<Response, Problem> {
    let _permit = app.prints.take().await?;
    let printed = tokio::task::spawn_blocking(document).await.map_err(|_| Problem::internal())?;
    let printed = printed.map_err(|error| {
        tracing::error!(error = &error as &dyn std::error::Error, "failed to print a document");
        Problem::internal()
    })?;
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
        (header::CONTENT_DISPOSITION, format!("inline; filename=\"{name}.pdf\"")),
    ];
    Ok((headers, printed).into_response())
}
