//! The bindings of the component. Written by `cargo xtask generate`.

use super::Component;

wit_bindgen::generate!({
    path: "wit",
    world: "wecom-connector-stepwise",
    // The records that both worlds have are our own.
    with: {
        "wecom:connector/types@0.2.0": crate::component::types,
    },
});

export!(Component);
