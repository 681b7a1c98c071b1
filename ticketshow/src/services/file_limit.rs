//! The limit of open files, which includes connections.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files besides the connections of clients: connections to servers, log, libraries.
const OTHER_FILES: u64 = 256;

/// Raises the limit of open files as far as the system allows. Returns `wanted`, or as many connections as the limit leaves
/// room for.
pub fn raise_file_limit(wanted: usize) -> usize {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    let limit = if raised.is_ok() { maximum } else { current };
    // No limit is `None`.
    let room = limit.map_or(u64::MAX, |limit| limit.saturating_sub(OTHER_FILES).max(1));
    let allowed = usize::try_from(room).map_or(wanted, |room| room.min(wanted));
    if allowed < wanted {
        tracing::warn!(wanted, allowed, "the limit of open files allows fewer connections");
    }
    allowed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_of_open_files_is_raised_and_bounds_the_connections() {
        assert_eq!(raise_file_limit(1), 1);
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        assert_eq!(current, maximum);
        let room = maximum.map_or(usize::MAX, |limit| usize::try_from(limit - OTHER_FILES).unwrap());
        assert_eq!(raise_file_limit(usize::MAX), room);
    }
}
