import { access } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** The path of the component: WECOM_STEPWISE_COMPONENT, or where `cargo xtask stepwise` leaves it. */
export async function componentFile() {
  const path =
    process.env.WECOM_STEPWISE_COMPONENT ||
    fileURLToPath(
      new URL('../../../target/wasm32-unknown-unknown/release/wecom_connector_stepwise.wasm', import.meta.url),
    );
  await access(path).catch(() => {
    throw new Error(
      `no component at ${path}: run "cargo xtask stepwise" in the repository's root, or set WECOM_STEPWISE_COMPONENT`,
    );
  });
  return path;
}
