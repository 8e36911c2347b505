import { buildUi } from "@tagwire/local";
