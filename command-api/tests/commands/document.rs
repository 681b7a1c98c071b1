//! The OpenAPI document of the commands.

#[test]
fn the_document_is_the_one_that_was_reviewed() {
    insta::assert_json_snapshot!("openapi", ticketshow_command_api::openapi());
}
