import json, os
from wasmtime import Engine, Store, WasiConfig
from wasmtime.component import Component, Linker

engine = Engine()
linker = Linker(engine)
linker.add_wasip2()
linker.add_wasi_http()
component = Component.from_file(engine, "wecom_connector.wasm")

store = Store(engine)
wasi = WasiConfig()
wasi.env = [(name, value) for name, value in os.environ.items() if name.startswith("WECOM_")]
store.set_wasi(wasi)
store.set_wasi_http()
instance = linker.instantiate(store, component)
interface = instance.get_export_index(store, "wecom:connector/connector@0.2.0")
invoke = instance.get_func(store, instance.get_export_index(store, "invoke", interface))

for receivers in ["zhangsan|nobody", "nobody"]:
    parameters = {"to_user": receivers, "content": "部署完成，请验收。"}
    answer = invoke(store, "push-text-message", None, json.dumps(parameters))
    if isinstance(answer, str):  # ok: a JSON object
        print("not reached:", json.loads(answer)["invalid_user"])  # not reached: ['nobody']
    else:  # the case, and the failure or the list of faults
        print(answer.tag, answer.payload.category, answer.payload.errcode)  # permanent-rejected not-found 81013
