//! `cargo bless`: accepts the compile errors, snapshots and schemas as they are now. Look at the diff before you commit it.

use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args([
            "test",
            "--workspace",
            "--all-features",
            "--test",
            "ui",
            "--test",
            "snapshots",
            "--test",
            "expansion",
            "--test",
            "published",
            "--test",
            "schema",
        ])
        .env("TRYBUILD", "overwrite")
        .env("INSTA_UPDATE", "always")
        .status();
    match status {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}
