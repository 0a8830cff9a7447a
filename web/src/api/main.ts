// The doors, to be read and tried, without asking another machine for anything.

import SwaggerUI from "swagger-ui-dist/swagger-ui-es-bundle.js";
import "swagger-ui-dist/swagger-ui.css";

SwaggerUI({ url: "/api/v1/openapi.json", dom_id: "#page", deepLinking: true });
