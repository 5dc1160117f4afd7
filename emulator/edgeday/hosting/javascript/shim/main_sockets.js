import { refuseSocket } from "edgeday:worker";

export const connect = () => refuseSocket();
export default { connect };
