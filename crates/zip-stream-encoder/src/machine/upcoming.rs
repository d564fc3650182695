//! What a run opens after what it has open now, for drivers that open ahead.

use zip_format::position::Span;

use super::pass::Pass;
use crate::plan::Plan;

/// The first entry behind this one whose contents a run up to byte `end` delivers, and those of its
/// bytes that it does.
pub(super) fn behind(plan: &Plan, entry: usize, end: u64) -> Option<(usize, Span)> {
    (entry.saturating_add(1)..plan.entries())
        .take_while(|&index| plan.member_span(index).is_some_and(|member| member.start < end))
        .find_map(|index| {
            let payload = plan.payload_span(index)?;
            let span = match plan.body_span(index) {
                Some(body) => Span { start: 0, end: end.clamp(body.start, body.end) - body.start },
                None => Pass::over_payload(plan, index, payload.start, end)?.span(),
            };
            (!span.is_empty()).then_some((index, span))
        })
}
