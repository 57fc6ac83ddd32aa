import { access } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** The path of the component: WECOM_COMPONENT, or where cargo leaves it. */
export async function componentFile() {
  const path =
    process.env.WECOM_COMPONENT ||
    fileURLToPath(new URL('../../../target/wasm32-wasip2/release/wecom_connector.wasm', import.meta.url));
  await access(path).catch(() => {
    throw new Error(
      `no component at ${path}: run "cargo build --release --target wasm32-wasip2" in the repository's root, or set WECOM_COMPONENT`,
    );
  });
  return path;
}
