import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** What a command printed on both streams. */
export interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end; throws with everything that it printed unless its status is 0. */
export async function command(name: string, args: readonly string[], cwd: string): Promise<Output> {
  try {
    return await execute(name, args, { cwd, env: ownEnvironment(), maxBuffer: 1 << 26 });
  } catch (error) {
    const { message, stdout = "", stderr = "" } = error as Error & Partial<Output>;
    throw new Error(`${message}\n${stdout}${stderr}`);
  }
}

/** Without what an `npm run` around us has put in: it would point npm back at the workspace. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env);
  return Object.fromEntries(entries.filter(([key]) => !/^(npm|pnpm)_/i.test(key)));
}
