//! What things cost, counted in allocations: the same on every machine and in every build. In a program of its own, since the
//! counter stands in the place of the allocator.

#![allow(clippy::unwrap_used, reason = "a test that can't go on has failed")]

mod support;

use allocation_counter::{AllocationInfo, measure};
use hermes::{domain::conversation::Usage, flow::effect::Effect, ui::frame::Frame};
use ratatui::buffer::Buffer;
use support::stage::Stage;

/// A conversation of so many questions with their answers, drawn once.
fn talked(turns: usize) -> Stage {
    let mut stage = Stage::new(120, 40);
    for n in 0..turns {
        stage.talk(&format!("question {n}"), "Some **words** and `code`.\n\n- one\n- two\n\n```rust\nfn main() {}\n```\n");
    }
    stage.buffer();
    stage
}

/// A whole picture, on a buffer that is there.
fn picture(stage: &mut Stage, buffer: &mut Buffer) -> AllocationInfo {
    measure(|| {
        buffer.reset();
        stage.view(&mut Frame::new(buffer, stage.state.look()));
    })
}

#[test]
fn a_typed_letter_allocates_next_to_nothing() {
    let mut stage = talked(3);
    stage.type_text("some words that are there already");
    let (mut buffer, _) = stage.buffer();
    let cost = measure(|| {
        stage.type_text("x");
        stage.state.view_typing(&mut Frame::new(&mut buffer, stage.state.look()));
    });
    assert!(stage.typed.is_some());
    assert!(cost.count_total <= 20 && cost.bytes_total <= 1_600, "{cost:?}");
    assert!(stage.effects().iter().any(|effect| matches!(effect, Effect::SaveDraft(..))));
}

#[test]
fn a_picture_costs_what_is_in_sight() {
    let (mut short, mut long) = (talked(10), talked(400));
    let (mut buffer, _) = short.buffer();
    let (few, many) = (picture(&mut short, &mut buffer), picture(&mut long, &mut buffer));
    assert_eq!((few.count_total, few.bytes_total), (many.count_total, many.bytes_total));
    assert!(few.count_total <= 45 && few.bytes_total <= 2_000, "{few:?}");
}

#[test]
fn a_word_of_an_answer_costs_the_same_at_its_beginning_and_at_its_end() {
    let mut stage = talked(3);
    let (mut buffer, _) = stage.buffer();
    stage.type_text("go on").press("enter");
    let mut words = |stage: &mut Stage, count: usize| {
        let cost = measure(|| {
            for _ in 0..count {
                stage.text("word ");
                buffer.reset();
                stage.view(&mut Frame::new(&mut buffer, stage.state.look()));
            }
        });
        (cost.count_total as f64 / count as f64, cost.bytes_total as f64 / count as f64)
    };
    let first = words(&mut stage, 20);
    // paragraphs of some lines, as answers have them
    for _ in 0..200 {
        stage.text(&"word ".repeat(60)).text("\n\n");
    }
    stage.buffer();
    let last = words(&mut stage, 20);
    assert!(last.0 <= first.0 * 1.5 && last.1 <= first.1 * 1.5, "{first:?}, {last:?}");
    assert!(first.0 <= 65.0 && first.1 <= 25_000.0, "{first:?}");
    stage.finish(Usage::default());
}
