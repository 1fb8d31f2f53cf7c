//! Compile errors: each mistake is reported once, at the author's own token, in words that say what to do.

#[test]
fn mistakes_are_reported_where_they_are() {
    trybuild::TestCases::new().compile_fail("ui/*/*.rs");
}
