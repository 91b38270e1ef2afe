// Before each file of tests: the AWS SDK sees nothing of this machine. A client reads the shared
// configuration files at its first call; on a busy machine a virtual clock was through with its
// second before the disk had answered.
import { hideMachineFromSdk } from "../lab/services/lambda/sdk.ts";

hideMachineFromSdk();
