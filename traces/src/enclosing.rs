//! The reaction that a task is in, for calls that do not receive it as an argument.

tokio::task_local! {
    /// `traceparent` of the reaction.
    static ENCLOSING: String;
}

/// Returns the `traceparent` of the reaction that this task is in.
pub(crate) fn current() -> Option<String> {
    ENCLOSING.try_with(Clone::clone).ok()
}

/// Runs work as a part of a reaction.
pub(crate) async fn within<T>(traceparent: String, work: impl Future<Output = T>) -> T {
    ENCLOSING.scope(traceparent, work).await
}
