#![no_main]

// Each target uses one of the checks.
#[allow(dead_code)]
#[path = "../../tests/hostile/checks.rs"]
mod checks;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| checks::articles(bytes));
