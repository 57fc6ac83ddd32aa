#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| wecom_connector_fuzz::callback(data));
