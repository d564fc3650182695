//! Behaviour of the responses from outside: their heads and bodies, through two servers, and
//! contents that come from a third.

#[allow(dead_code, reason = "the example's `main`")]
#[path = "../../examples/axum.rs"]
mod axum_example;
#[allow(dead_code, reason = "the example's `main`")]
#[path = "../../examples/hyper.rs"]
mod hyper_example;

mod origin;
mod proxied;
mod respond;
mod servers;
