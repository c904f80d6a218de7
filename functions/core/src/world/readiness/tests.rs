use super::*;

const NOW: Timestamp = Timestamp::from_ms(1_800_000 * 1_000_000);
