//! Our files in the hands of Hermes Agent itself, where it is installed: `python3 -c "import hermes_cli"`.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod support;

use support::account::Home;

#[tokio::test]
async fn hermes_agent_reads_what_we_write_and_we_what_it_writes() {
    let python = std::process::Command::new("python3").args(["-c", "import hermes_cli.main"]).output();
    if !python.is_ok_and(|out| out.status.success()) {
        return support::skipped("Hermes Agent is not installed (`pip install hermes-agent`)");
    }
    let home = Home::new();
    let theirs = |arguments: &[&str]| {
        let run = "import sys; from hermes_cli.main import main; sys.exit(main())";
        let out = std::process::Command::new("python3").args(["-c", run]).args(arguments).env("HERMES_HOME", home.path()).output().unwrap();
        String::from_utf8_lossy(&out.stdout).into_owned()
    };
    let ours = async |arguments: &[&str]| {
        let out = home.command().args(arguments).output().await.unwrap();
        assert!(out.status.success(), "{out:?}");
        String::from_utf8(out.stdout).unwrap()
    };
    ours(&["auth", "add", "xai", "--api-key", "xai-ours", "--label", "from-here"]).await;
    assert!(theirs(&["auth", "list", "xai"]).contains("from-here"));
    theirs(&["auth", "add", "xai", "--type", "api-key", "--api-key", "xai-theirs", "--label", "from-there"]);
    let list = ours(&["auth", "list", "xai"]).await;
    assert!(list.contains("from-here") && list.contains("from-there"), "{list}");
}
