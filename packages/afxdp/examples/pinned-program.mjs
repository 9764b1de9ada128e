// A program that outlives the process which attached it: pinned in the BPF file system, where a second process, which
// may come and go, picks its socket map up.
// Usage: node pinned-program.mjs install INTERFACE PORT [FOLDER]
//        node pinned-program.mjs receive INTERFACE PACKETS [FOLDER]
//        node pinned-program.mjs remove INTERFACE - [FOLDER]
import { loadSteering } from "@afxdp/bpf";
import { afxdp, createLinuxKernel, redirect } from "afxdp";

const [task, name = "eth0", number = "9000", folder = "/sys/fs/bpf"] = process.argv.slice(2);
const kernel = createLinuxKernel();
const pins = {
  program: `${folder}/example_program`,
  map: `${folder}/example_sockets`,
  link: `${folder}/example_link`, // what keeps the program on the interface
};

const tasks = {
  install() {
    const { index, rxQueues } = kernel.interfaceState(name);
    const rules = redirect.udp({ port: Number(number) });
    const program = loadSteering(kernel, { rules, queues: rxQueues });
    program.pin({ program: pins.program, map: pins.map });
    program.attach(index, name, { pin: pins.link });
    program.close(); // ours only: what is pinned stays
    console.log(`installed on ${name}: packets go to the kernel's stack until a socket is there`);
  },

  async receive() {
    const socket = await afxdp(name, { kernel })
      .umem({ frameCount: 1024 })
      .fill(512)
      .completion(512)
      .rx(512)
      .program({ map: { pin: pins.map } }) // enters the map, and leaves it on close
      .open();
    process.once("SIGINT", () => socket.close());
    process.once("SIGTERM", () => socket.close());
    console.log(`receiving; the program is ${socket.mode.xdp}`);
    let packets = 0;
    await socket.listen((batch) => {
      packets += batch.count;
      return packets < Number(number);
    });
    await socket.close();
    console.log(`${packets} packets`);
  },

  remove() {
    for (const path of Object.values(pins)) kernel.unpin(path);
    console.log(`removed from ${name}`);
  },
};

if (!Object.hasOwn(tasks, task)) throw new Error("The first argument: install, receive or remove.");
await tasks[task]();
