//! Media for real: the real binary against the simulator, which stands in for xAI with a sign-in of its own.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

#[path = "support/raw.rs"]
#[allow(dead_code, reason = "each test file uses its own part")]
mod raw;
mod support;

use hermes::sandbox::{Sandbox, parse_faults};
use serde_json::Value;
use std::{fs, path::PathBuf, process::Command, time::Duration};
use support::{
    Start, Terminal,
    account::{Home, in_place_of_xai, refreshes, signed_in_behind},
    kill, until,
};

/// What a command gave: its status and both outputs.
fn run(home: &Home, server: &Sandbox, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hermes"));
    command.env_clear().env("HERMES_HOME", home.path()).env("HOME", home.path()).env("PATH", "/usr/bin:/bin").current_dir(home.path());
    let out = command.envs(in_place_of_xai(server)).args(arguments).stdin(std::process::Stdio::null()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (out.status.code().unwrap(), text(out.stdout), text(out.stderr))
}

/// What a command gave as JSON.
fn json(home: &Home, server: &Sandbox, arguments: &[&str]) -> (i32, Value) {
    let (status, out, err) = run(home, server, &[arguments, &["--json"]].concat());
    (status, serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}")))
}

fn terminal(home: &Home, server: &Sandbox) -> Terminal {
    let variables = in_place_of_xai(server);
    let variables: Vec<(&str, &str)> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let start = Start {
        arguments: &["--provider", "xai-oauth"],
        size: (100, 30),
        variables: &variables,
        home: Some(home.path()),
        ..Start::default()
    };
    let terminal = Terminal::start(start);
    terminal.see("Ask anything");
    terminal
}

/// Requests to a path that begins like this.
fn asked(server: &Sandbox, method: &str, path: &str) -> usize {
    server.requests().iter().filter(|request| request.method == method && request.path.starts_with(path)).count()
}

/// Files of a kind in a folder of the cache.
fn files(home: &Home, folder: &str, ending: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(home.path().join("cache").join(folder)).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|kind| kind == ending)).collect()
}

/// What is written down of the jobs.
fn written(home: &Home) -> String {
    let entries = fs::read_dir(home.path().join("hermes-tui/jobs")).into_iter().flatten().flatten();
    let jobs = entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|kind| kind == "json"));
    jobs.filter_map(|path| fs::read_to_string(path).ok()).collect()
}

#[test]
fn one_sign_in_serves_pictures_videos_speech_and_transcription() {
    let (server, home) = signed_in_behind("video-slow=0");
    let (status, picture) = json(&home, &server, &["image", "a", "lighthouse", "--shape", "square", "--count", "2"]);
    assert_eq!((status, &picture["success"], &picture["aspect_ratio"]), (0, &Value::from(true), &Value::from("1:1")), "{picture}");
    for file in picture["files"].as_array().unwrap() {
        let file = PathBuf::from(file.as_str().unwrap());
        assert!(fs::read(&file).unwrap().starts_with(b"\x89PNG"));
        let beside: Value = serde_json::from_str(&fs::read_to_string(file.with_extension("json")).unwrap()).unwrap();
        assert_eq!(beside["prompt"], "a lighthouse");
    }
    assert_eq!(files(&home, "images", "png").len(), 2);
    let first = picture["image"].as_str().unwrap();
    let (status, changed) = json(&home, &server, &["image", "with a hat", "--image", first]);
    assert_eq!((status, &changed["model"]), (0, &Value::from("grok-imagine-image-quality")), "{changed}");
    let (status, video, _) = run(&home, &server, &["video", "a boat at dawn", "--seconds", "2", "--shape", "9:16", "--out", "boat.mp4"]);
    assert_eq!((status, video.as_str()), (0, "boat.mp4\n"));
    let film = fs::read(home.path().join("boat.mp4")).unwrap();
    assert!(film.get(4..8) == Some(b"ftyp") && film.windows(4).any(|four| four == b"moov"));
    // longer than the service speaks at once: two parts, one file
    let text = "Good morning, dear friends. ".repeat(700);
    let (status, speech) = json(&home, &server, &["say", &text]);
    let sound = PathBuf::from(speech["file_path"].as_str().unwrap_or_else(|| panic!("{status} {speech}")));
    assert!(sound.starts_with(home.path().join("cache/audio")) && fs::read(&sound).unwrap().starts_with(b"\xff"));
    assert_eq!(asked(&server, "POST", "/v1/tts"), 2);
    let (status, heard, _) = run(&home, &server, &["transcribe", sound.to_str().unwrap()]);
    assert!(status == 0 && heard.starts_with("This is a recording of "), "{heard}");
    // one bearer for all of it, and none for whoever serves the files
    let all = server.requests();
    let media = ["/v1/images", "/v1/videos", "/v1/tts", "/v1/stt"];
    let mut bearers: Vec<&str> =
        all.iter().filter(|r| media.iter().any(|path| r.path.starts_with(path))).map(|r| r.bearer.as_str()).collect();
    bearers.dedup();
    assert!(bearers.len() == 1 && !bearers[0].is_empty(), "{bearers:?}");
    let fetched: Vec<_> = all.iter().filter(|r| r.path.starts_with("/v1/sandbox/files")).collect();
    assert!(fetched.len() >= 4 && fetched.iter().all(|r| r.bearer.is_empty()));
}

#[test]
fn a_video_whose_program_is_killed_is_fetched_once_by_the_next_one() {
    let (server, home) = signed_in_behind("video-slow=4");
    let mut first = terminal(&home, &server);
    first.send("/video a boat at dawn\r");
    first.see("a boat at dawn · is being made");
    let mut second = terminal(&home, &server);
    second.send("\x1b[15~");
    second.see("another program is at it");
    kill(first.pid(), "KILL");
    first.ended();
    let mut third = terminal(&home, &server);
    second.send("\x12");
    until("the file is there", || files(&home, "videos", "mp4").len() == 1 && written(&home).contains("\"is\":\"done\""));
    third.send("\x1b[15~");
    third.see("1 done");
    assert_eq!((asked(&server, "POST", "/v1/videos"), asked(&server, "GET", "/v1/sandbox/files")), (1, 1));
    for mut program in [second, third] {
        program.send("\x1b");
        program.see("Ask anything");
        program.send("\x04");
        assert_eq!(program.ended(), 0);
    }
    assert_eq!(files(&home, "videos", "mp4").len(), 1);
}

#[test]
fn a_video_that_was_left_for_a_day_is_fetched_and_one_that_is_given_up_can_be_taken_up_again() {
    let (server, home) = signed_in_behind("video-slow=3");
    let mut first = terminal(&home, &server);
    first.send("/video a boat at dawn\r");
    first.see("a boat at dawn · is being made");
    first.send("\x1b[15~");
    first.see("1 in the making");
    // given up and taken up again: it is ordered once
    first.send("\x7f");
    first.see("given up");
    first.send("t");
    first.see("1 in the making");
    kill(first.pid(), "KILL");
    first.ended();
    let folder = fs::read_dir(home.path().join("hermes-tui/jobs")).unwrap().flatten();
    let file = folder.map(|entry| entry.path()).find(|path| path.extension().is_some_and(|kind| kind == "json")).unwrap();
    let mut job: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    job["made_at"] = (job["made_at"].as_i64().unwrap() - 86_400).into();
    fs::write(&file, job.to_string()).unwrap();
    let mut second = terminal(&home, &server);
    until("it is fetched", || files(&home, "videos", "mp4").len() == 1);
    until("it is written down", || written(&home).contains("\"is\":\"done\""));
    assert_eq!(asked(&server, "POST", "/v1/videos"), 1);
    second.send("\x1b[15~");
    second.see("1 done");
    second.send("\x7f");
    second.see("Nothing was made yet.");
    assert!(written(&home).is_empty() && files(&home, "videos", "mp4").len() == 1, "the file stays");
    second.send("\x1b");
    second.see("Ask anything");
    second.send("\x04");
    assert_eq!(second.ended(), 0);
}

#[test]
fn what_was_sent_and_lost_is_unknown_and_never_sent_again_by_itself() {
    let (server, home) = signed_in_behind("cut");
    let (status, told) = json(&home, &server, &["image", "a dog"]);
    assert_eq!((status, &told["error"]["code"]), (1, &Value::from("media_unknown")), "{told}");
    assert_eq!(asked(&server, "POST", "/v1/images"), 1);
    // killed while nobody knows
    server.set_faults(parse_faults("slow=20000").unwrap());
    let mut first = terminal(&home, &server);
    first.send("/image a cat\r");
    until("it is sent", || asked(&server, "POST", "/v1/images") == 2);
    kill(first.pid(), "KILL");
    first.ended();
    server.set_faults(vec![]);
    let mut second = terminal(&home, &server);
    second.send("\x1b[15~");
    second.see("It may have been made, and charged");
    second.quiet(Duration::from_millis(500));
    assert_eq!(asked(&server, "POST", "/v1/images"), 2, "it was sent again");
    // when the person says so
    second.send("t");
    second.see("a cat");
    until("it is made", || files(&home, "images", "png").len() == 1);
    assert_eq!(asked(&server, "POST", "/v1/images"), 3);
    second.see("/images/xai_grok-imagine-image_");
    second.send("\x1b");
    second.see("Ask anything");
    second.send("\x04");
    assert_eq!(second.ended(), 0);
}

#[test]
fn parts_of_a_speech_that_are_there_are_not_made_again() {
    let (server, home) = signed_in_behind("");
    fs::write(home.path().join("config.yaml"), "tts:\n  xai:\n    max_text_length: 100\n").unwrap();
    let mut terminal = terminal(&home, &server);
    terminal.send("/say The first part of what is to be said is spoken by the service as it stands here, and it is long enough. Another one: a forbidden word.\r");
    terminal.see("✗");
    let part = || {
        fs::read_dir(home.path().join("hermes-tui/jobs"))
            .unwrap()
            .flatten()
            .filter(|file| file.path().extension() == Some("part0".as_ref()))
            .count()
    };
    let spoken = || (asked(&server, "POST", "/v1/tts"), part());
    let before = spoken();
    assert_eq!(before, (2, 1));
    terminal.send("\x1b[15~");
    terminal.see("forget");
    terminal.send("t");
    until("it is tried again", || spoken().0 > 2 && written(&home).contains("\"is\":\"failed\""));
    terminal.quiet(Duration::from_millis(300));
    terminal.see("failed");
    assert_eq!(spoken(), (3, 1), "the second part alone");
    terminal.send("\x7f");
    terminal.see("Nothing was made yet.");
    assert_eq!(spoken().1, 0, "what is forgotten leaves nothing behind");
}

#[test]
fn what_goes_wrong_is_a_sentence_with_a_code() {
    let (server, home) = signed_in_behind("");
    fs::write(home.path().join("notes.py"), "x").unwrap();
    fs::write(home.path().join("long.wav"), vec![0; 27 << 20]).unwrap();
    // few bytes that say they are four thousand million pixels
    let mut bomb = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    bomb.extend_from_slice(&[0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff, 8, 2, 0, 0, 0, 0, 0, 0, 0]);
    fs::write(home.path().join("bomb.png"), bomb).unwrap();
    let secret = home.path().join("auth.json");
    let picture = ["image", "a dog"];
    let cases: &[(&str, &[&str], i32, &str, &str)] = &[
        ("moderation", &picture, 1, "media_refused", "does not make this picture"),
        ("plan-refused", &picture, 1, "plan_refused", ""),
        ("malformed", &picture, 1, "media_unknown", "may have been charged"),
        ("link-expired", &picture, 1, "link_expired", "The link to the picture has expired"),
        ("link-expired,video-slow=0", &["video", "a dog"], 1, "link_expired", "The link to the video has expired"),
        ("", &["video", "x sandbox:failed sandbox:slow=0"], 1, "media_failed", "The film could not be made"),
        ("", &["video", "x sandbox:blocked sandbox:slow=0"], 1, "media_refused", "withheld"),
        ("", &["video", "x sandbox:expired sandbox:slow=0"], 1, "media_failed", "forgotten"),
        ("", &["image", "x sandbox:empty"], 1, "answer_empty", "gave no picture"),
        ("", &["image", "x", "--image", "a", "--image", "b", "--image", "c", "--image", "d"], 1, "attachment_unusable", "At most 3"),
        ("", &["image", "x", "--image", "bomb.png"], 1, "attachment_unusable", "can't be read"),
        ("", &["image", "x", "--image", "nobody.png"], 1, "attachment_unusable", "nobody.png"),
        ("", &["image", "x", "--image", "http://10.0.0.1/x.png"], 1, "attachment_unusable", "10.0.0.1"),
        ("", &["image", "x", "--image", secret.to_str().unwrap()], 1, "attachment_unusable", "secrets"),
        ("", &["transcribe", "notes.py"], 1, "attachment_unusable", "Unsupported format: .py"),
        ("", &["transcribe", "long.wav"], 1, "attachment_unusable", "File too large: 28.3MB (max 25MB)"),
        ("", &["transcribe", "nobody.wav"], 1, "file_unreadable", "Audio file not found"),
        ("", &["image", "x", "--shape", "round"], 2, "usage", "There is no shape `round`"),
        ("", &["video", "x", "--shape", "round"], 2, "usage", "There is no shape `round`"),
        ("", &["image"], 2, "usage", "say what is to be seen"),
        ("", &["say", " "], 2, "usage", "Text is required"),
        ("", &["say", "x", "--voice", "nobody"], 1, "model_unknown", ""),
        ("quota-spent", &picture, 1, "quota_spent", ""),
    ];
    for (faults, arguments, status, code, words) in cases {
        server.set_faults(parse_faults(faults).unwrap());
        let (ended, told) = json(&home, &server, arguments);
        let error = &told["error"];
        assert_eq!((ended, error["code"].as_str()), (*status, Some(*code)), "{arguments:?} {told}");
        assert!(error["message"].as_str().unwrap().contains(words), "{arguments:?} {told}");
        assert!(!told.to_string().contains("/retry"), "{told}");
    }
    // as in the chat the account rests then
    assert_eq!(run(&home, &server, &["auth", "reset", "xai-oauth"]).0, 0);
    // what passes is tried again, and a token that is not taken is renewed
    server.set_faults(parse_faults("status=503,times=1").unwrap());
    assert_eq!(json(&home, &server, &picture).0, 0);
    server.set_faults(parse_faults("status=401,times=1").unwrap());
    assert_eq!((json(&home, &server, &picture).0, refreshes(&server)), (0, 1));
    // where nothing can be written nothing is lost: the link is there the next time
    server.set_faults(vec![]);
    let place = home.path().join("cache/videos");
    fs::create_dir_all(home.path().join("cache")).unwrap();
    fs::remove_dir(&place).or_else(|_| fs::create_dir_all(place.parent().unwrap())).unwrap();
    fs::write(&place, "in the way").unwrap();
    let (status, told) = json(&home, &server, &["video", "a dog sandbox:slow=0"]);
    assert_eq!((status, told["error"]["code"].as_str()), (1, Some("file_unwritable")), "{told}");
    fs::remove_file(&place).unwrap();
    let orders = asked(&server, "POST", "/v1/videos");
    let mut terminal = terminal(&home, &server);
    terminal.send("\x1b[15~");
    terminal.see("could not be written");
    terminal.send("t");
    until("it is fetched", || files(&home, "videos", "mp4").len() == 1);
    assert_eq!(asked(&server, "POST", "/v1/videos"), orders, "it was made a second time");
    terminal.see("/videos/xai_grok-imagine-video_");
    terminal.send("\x1b");
    terminal.see("Ask anything");
    terminal.send("\x04");
    assert_eq!(terminal.ended(), 0);
}

#[test]
fn a_terminal_that_shows_pictures_is_sent_each_once() {
    let (server, home) = signed_in_behind("");
    let mut terminal = terminal(&home, &server);
    terminal.wait("it is asked what it is", |_| true);
    assert!(terminal.bytes().windows(4).any(|bytes| bytes == b"\x1b[>q"));
    terminal.send("\x1bP>|kitty(0.42.1)\x1b\\");
    terminal.send("/image a lighthouse\r");
    terminal.wait("cells that name it", |screen| screen.contents().contains("\u{10eeee}\u{305}\u{305}"));
    let sent = |terminal: &Terminal| String::from_utf8_lossy(&terminal.bytes()).matches("\x1b_Ga=T,U=1,f=100,i=").count();
    until("it is sent", || sent(&terminal) == 1);
    let is_whole = |terminal: &Terminal| {
        let bytes = String::from_utf8_lossy(&terminal.bytes()).into_owned();
        let parts: Vec<&str> = bytes.split("\x1b_G").skip(1).map(|part| part.split("\x1b\\").next().unwrap()).collect();
        let (first, last) = (parts[0], parts[parts.len() - 1]);
        first.contains(",c=44,r=12,q=2,") && last.starts_with("q=2,m=0;") && parts.iter().all(|part| part.len() < 4_200)
    };
    until("all of it", || is_whole(&terminal));
    // another look at the jobs takes nothing away
    terminal.send("\x1b[15~");
    terminal.see("1 done");
    terminal.send("\x12");
    terminal.quiet(Duration::from_millis(300));
    terminal.send("\x1b");
    terminal.see("Ask anything");
    terminal.wait("it is still seen", |screen| screen.contents().contains("\u{10eeee}\u{305}\u{305}"));
    // away and back again, and in another window size
    for n in 0..8 {
        terminal.send(format!("write {n}00 characters of markdown\r"));
        terminal.see(&format!("❯ write {n}00"));
    }
    terminal.wait("it is out of sight", |screen| !screen.contents().contains('\u{10eeee}'));
    terminal.send("\x1b[H");
    terminal.wait("it is back", |screen| screen.contents().contains("\u{10eeee}\u{305}\u{305}"));
    terminal.resize(90, 28);
    terminal.wait("it is still there", |screen| screen.contents().contains("\u{10eeee}\u{305}\u{305}"));
    assert_eq!(sent(&terminal), 1);
}

#[test]
fn a_terminal_that_lays_pictures_over_cells_is_sent_one_when_it_rests() {
    let ways = [("\x1bP>|iTerm2 3.5.1\x1b\\", "\x1b]1337;File=inline=1;size="), ("\x1b[?62;4c\x1b[6;20;10t", "\x1bP")];
    for (answer, sequence) in ways {
        let (server, home) = signed_in_behind("");
        let mut first = terminal(&home, &server);
        first.send(answer);
        first.send("/image a lighthouse\r");
        first.wait("half blocks", |screen| screen.contents().contains("▀▀▀▀▀▀"));
        let sent = |terminal: &Terminal| String::from_utf8_lossy(&terminal.bytes()).matches(&format!("H{sequence}")).count();
        until("it lies there", || sent(&first) == 1);
        first.quiet(Duration::from_millis(300));
        assert_eq!(sent(&first), 1, "once while nothing moves");
        // it is sent again where it has come to rest again, and not on the way
        first.send("write 300 characters of markdown\r");
        first.see("300 characters");
        first.send("\x1b[15~");
        first.see("1 done");
        until("it lies on the other screen", || sent(&first) >= 2);
        first.send("\x1b");
        first.see("Ask anything");
        first.send("\x04");
        assert_eq!(first.ended(), 0);
        // what was made before this start is seen, too
        let mut second = terminal(&home, &server);
        second.send(answer);
        second.send("\x1b[15~");
        second.wait("half blocks", |screen| screen.contents().contains("▀▀▀▀▀▀"));
        until("it lies there", || sent(&second) == 1);
    }
}

/// What a key was sent to: a picture is asked of a server that answers this.
fn asked_of(server: &raw::Raw) -> Value {
    let home = Home::new();
    let mut command = Command::new(env!("CARGO_BIN_EXE_hermes"));
    command.env_clear().env("HERMES_HOME", home.path()).env("HOME", home.path()).current_dir(home.path());
    command.env("XAI_API_KEY", "key-for-one-host-alone").env("XAI_BASE_URL", server.address());
    let out = command.args(["image", "a dog", "--json"]).stdin(std::process::Stdio::null()).output().unwrap();
    serde_json::from_slice(&out.stdout).unwrap()
}

#[test]
fn a_key_goes_to_no_other_host() {
    // nobody but the first is asked with it, wherever it sends us
    let elsewhere = raw::Raw::always(raw::answer(200, "application/json", "{}"));
    let location = format!("Location: {}/images/generations\r\nContent-Length: 0\r\n", elsewhere.address());
    let first = raw::Raw::always(raw::with_headers(307, &location, ""));
    let told = asked_of(&first);
    assert_eq!(told["error"]["code"], "redirected", "{told}");
    assert!(first.asked()[0].head.contains("key-for-one-host-alone") && elsewhere.asked().is_empty());
    // a result on another host is fetched without it; what lies there and is no picture is said
    let shelf = raw::Raw::always(raw::answer(200, "image/png", "<html>no picture</html>"));
    let link = format!("{{\"data\":[{{\"url\":\"{}/x.png\"}}]}}", shelf.address());
    let told = asked_of(&raw::Raw::always(raw::answer(200, "application/json", &link)));
    assert_eq!(told["error"]["code"], "media_unusable", "{told}");
    assert!(!shelf.asked().is_empty() && shelf.asked().iter().all(|request| !request.head.to_lowercase().contains("authorization")));
}
