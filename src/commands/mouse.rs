//! `/mouse`

use super::{Command, When};
use crate::flow::{intent::Intent, screen::Reply};

pub static COMMAND: Command = Command {
    name: "mouse",
    also: "wheel scroll",
    takes: "[on|off]",
    about: "Let the wheel scroll, or leave the mouse to the terminal",
    when: When::Always,
    choices: |_| vec!["on".into(), "off".into()],
    run: |word, facts| match word {
        "on" => Reply::intent(Intent::SetMouse(true)),
        "off" => Reply::intent(Intent::SetMouse(false)),
        "" => Reply::intent(Intent::SetMouse(!facts.look.mouse)),
        _ => Reply::intent(Intent::Tell("/mouse is on or off".into())),
    },
};
