//! Parts of the answers of both APIs: problem documents, versions, positions.

pub mod etag;
pub mod position;
pub mod problem;
pub mod protection;
