//! The scripts of the action: the comment that they write about a list of targets, and where it goes.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const LAYER: &str = "fn Half<b, s, d>(x: Act<b, s, d>, w: Weight<d>) -> Act<b, s, d> { scale(x * w) }\n";

/// A repository with an operator that was changed since it was committed, and one that wasn't there.
fn repository(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(path.join("src")).unwrap();
    fs::write(path.join("src/half.rs"), LAYER).unwrap();
    let user = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"];
    for args in [&["init", "-q"][..], &["add", "-A"], &["commit", "-qm", "before"]] {
        assert!(Command::new("git").args(user).args(args).current_dir(&path).status().unwrap().success());
    }
    fs::write(path.join("src/half.rs"), LAYER.replace("scale(x * w)", "x * w")).unwrap();
    fs::write(path.join("src/new.rs"), LAYER).unwrap();
    path
}

fn script(name: &str, dir: &Path, args: &[&str], env: &[(&str, &str)]) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../action").join(name);
    Command::new(script).args(args).envs(env.iter().copied()).current_dir(dir).output().unwrap()
}

#[test]
fn targets_are_compared_one_by_one() {
    let dir = repository("action-compare");
    let at = "src/half.rs::Half --at b=1,s=2,d=8";
    let limited = format!("{at} --fail-on=flops>+1%\n\n src/new.rs");
    for (targets, limits, status, says) in [
        (at, "", 0, "| flops | 32 | 16 | -50.00 % |"),
        (at, "flops > +1%\n", 0, "**Within limits"),
        (at, "params > +1\nflops < -49%", 1, "- `flops < -49%`: flops of Half was 32 and is 16 (-50.00 %)"),
        (&limited, "", 0, "New: there is none in the base"),
        ("src/half.rs --at b=1", "", 2, "**Not compared**"),
        ("src/none.rs", "", 2, "HEAD:./src/none.rs: no such file in that revision"),
    ] {
        let env = [("COST", env!("CARGO_BIN_EXE_cost")), ("BASE", "HEAD"), ("TARGETS", targets), ("FAIL_ON", limits)];
        let output = script("compare", &dir, &[], &env);
        let comment = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.code() == Some(status) && comment.contains(says), "{targets}: {says}\n{comment}");
        assert!(comment.starts_with("<!-- cost diff -->\n"), "{comment}");
    }
}

/// With a `gh` that writes down what it is called with, and that lists a comment or none.
#[test]
fn one_comment_is_kept_up_to_date() {
    let dir = repository("action-comment");
    let gh = dir.join("gh");
    fs::write(&gh, "#!/bin/sh\necho \"$@\" >> calls\ncase \"$*\" in *--paginate*) printf \"$LISTED\";; esac\n")
        .unwrap();
    fs::set_permissions(&gh, fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(dir.join("comment.md"), "<!-- cost diff -->\nsaid").unwrap();
    let path = format!("{}:{}", dir.display(), std::env::var("PATH").unwrap());
    for (listed, call) in [
        ("", "--method POST repos/o/r/issues/7/comments --raw-field body=<!-- cost diff -->\nsaid\n"),
        ("12\n13\n", "--method PATCH repos/o/r/issues/comments/12 --raw-field body=<!-- cost diff -->\nsaid\n"),
    ] {
        let _ = fs::remove_file(dir.join("calls"));
        let output = script("comment", &dir, &["o/r", "7", "comment.md"], &[("PATH", &path), ("LISTED", listed)]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let calls = fs::read_to_string(dir.join("calls")).unwrap();
        assert!(calls.contains(call), "{calls}");
    }
}
