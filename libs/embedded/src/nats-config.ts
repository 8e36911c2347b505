/** A listener for MQTT, and whose word counts on who may connect there. */
export interface MqttListener {
  /** 127.0.0.1, unless readers in the network shall reach it. */
  readonly host: string;
  readonly port: number;
  /** The public key (`A…`) of whoever answers for readers; nobody else can let one in. */
  readonly issuer: string;
}

const text = (value: string): string => JSON.stringify(value);

/**
 * What the flags of nats-server cannot say. Clients in NATS's own protocol go on without a password, as before: the port is on
 * 127.0.0.1 alone. Whoever comes by MQTT is nobody until the issuer has answered for him, and a user of one way in is none of the other.
 */
export const mqttConfig = ({ host, port, issuer }: MqttListener, servicesPassword: string): string => `
server_name: tagwire
no_auth_user: services
authorization {
  users: [ { user: services, password: ${text(servicesPassword)}, allowed_connection_types: ["STANDARD"] } ]
  auth_callout { issuer: ${text(issuer)}, auth_users: [services] }
}
mqtt { host: ${text(host)}, port: ${port} }
`;
