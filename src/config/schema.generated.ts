// Made by npm run schemas from schemas/micro.schema.json.
import type { SchemaNode } from './schema.js'

const properties: Readonly<Record<string, SchemaNode>> = {
  "name": {
    "type": "string",
    "default": "go.micro.sidecar",
    "allowed": "a text of letters, digits, '-' and '_', in parts separated by dots"
  },
  "namespace": {
    "type": "string",
    "default": "go.micro.srv",
    "allowed": "a text of letters, digits, '-' and '_', in parts separated by dots"
  },
  "handler": {
    "enum": [
      "rpc",
      "proxy"
    ],
    "default": "rpc"
  },
  "address": {
    "type": "string",
    "default": "127.0.0.1:8081",
    "allowed": "'127.0.0.1:8081', ':8081', '[::1]:8081', 'localhost:0' or 'unix:/path', with a port from 0 to 65535"
  },
  "registry": {
    "type": [
      "string",
      "object"
    ],
    "default": "auto",
    "live": "registry",
    "names": [
      "auto",
      "memory",
      "consul",
      "mdns",
      "static"
    ],
    "properties": {
      "name": {
        "type": "string"
      },
      "address": {
        "type": "string",
        "of": [
          "auto",
          "consul"
        ]
      },
      "token": {
        "type": "string",
        "secret": true,
        "of": [
          "auto",
          "consul"
        ]
      },
      "datacenter": {
        "type": "string",
        "of": [
          "auto",
          "consul"
        ]
      },
      "scheme": {
        "type": "string",
        "enum": [
          "http",
          "https"
        ],
        "of": [
          "auto",
          "consul"
        ]
      },
      "tls": {
        "type": "object",
        "of": [
          "auto",
          "consul"
        ],
        "properties": {
          "ca": {
            "type": "string"
          },
          "cert": {
            "type": "string"
          },
          "key": {
            "type": "string",
            "secret": true
          }
        }
      },
      "services": {
        "type": "array",
        "of": [
          "static"
        ],
        "items": {
          "type": "object"
        }
      },
      "file": {
        "type": "string",
        "of": [
          "static"
        ]
      },
      "domain": {
        "type": "string",
        "of": [
          "mdns"
        ]
      },
      "interface": {
        "type": "string",
        "of": [
          "mdns"
        ]
      }
    }
  },
  "broker": {
    "type": [
      "string",
      "object"
    ],
    "default": "memory",
    "live": "broker",
    "names": [
      "memory",
      "http",
      "nats"
    ],
    "unavailable": [
      "http"
    ],
    "properties": {
      "name": {
        "type": "string"
      },
      "address": {
        "type": "string",
        "of": [
          "http",
          "nats"
        ]
      },
      "advertise": {
        "type": "string",
        "available": false,
        "of": [
          "http"
        ]
      },
      "servers": {
        "type": "array",
        "of": [
          "nats"
        ],
        "items": {
          "type": "string"
        }
      },
      "user": {
        "type": "string",
        "of": [
          "nats"
        ]
      },
      "pass": {
        "type": "string",
        "secret": true,
        "of": [
          "nats"
        ]
      },
      "token": {
        "type": "string",
        "secret": true,
        "of": [
          "nats"
        ]
      },
      "delivery": {
        "type": "string",
        "enum": [
          "at-most-once",
          "at-least-once"
        ],
        "of": [
          "memory",
          "http",
          "nats"
        ]
      },
      "tls": {
        "type": "object",
        "of": [
          "nats"
        ],
        "properties": {
          "ca": {
            "type": "string"
          },
          "cert": {
            "type": "string"
          },
          "key": {
            "type": "string",
            "secret": true
          }
        }
      }
    }
  },
  "client": {
    "type": "object",
    "properties": {
      "timeout": {
        "type": [
          "string",
          "number"
        ],
        "exclusiveMinimum": 0,
        "maximum": 2147483647,
        "allowed": "a duration such as '250ms', '5s' or '1m30s', or a number of milliseconds, above 0 and up to 24 days",
        "kind": "duration",
        "defaultByHandler": {
          "rpc": "5s",
          "proxy": "15s"
        }
      },
      "attemptTimeout": {
        "type": [
          "string",
          "number"
        ],
        "exclusiveMinimum": 0,
        "maximum": 2147483647,
        "allowed": "a duration such as '250ms', '5s' or '1m30s', or a number of milliseconds, above 0 and up to 24 days",
        "kind": "duration"
      },
      "connectTimeout": {
        "type": [
          "string",
          "number"
        ],
        "exclusiveMinimum": 0,
        "maximum": 2147483647,
        "default": "1s",
        "allowed": "a duration such as '250ms', '5s' or '1m30s', or a number of milliseconds, above 0 and up to 24 days",
        "kind": "duration"
      },
      "idleTimeout": {
        "type": [
          "string",
          "number"
        ],
        "minimum": 0,
        "maximum": 2147483647,
        "default": "5m",
        "allowed": "a duration such as '250ms', '5s' or '1m30s', or a number of milliseconds, up to 24 days",
        "kind": "duration"
      },
      "retries": {
        "type": "integer",
        "minimum": 0,
        "maximum": 100,
        "default": 1
      },
      "retryOn": {
        "type": "array",
        "default": [
          "connect",
          "reset",
          502,
          503,
          504
        ],
        "items": {
          "allowed": "'connect', 'reset' or a status from 400 to 599",
          "type": [
            "boolean",
            "integer"
          ]
        }
      },
      "idempotent": {
        "type": "array",
        "default": [
          "GET",
          "HEAD",
          "OPTIONS",
          "PUT",
          "DELETE"
        ],
        "items": {
          "type": "string",
          "allowed": "a method in capital letters, such as 'GET'"
        }
      },
      "retryBudget": {
        "type": "object",
        "properties": {
          "ratio": {
            "type": "number",
            "minimum": 0,
            "maximum": 1,
            "default": 0.2
          },
          "minPerSecond": {
            "type": "number",
            "minimum": 0,
            "maximum": 1000000,
            "default": 10
          }
        }
      },
      "backoff": {
        "type": "object",
        "properties": {
          "base": {
            "type": [
              "string",
              "number"
            ],
            "minimum": 0,
            "maximum": 2147483647,
            "default": "25ms",
            "allowed": "a duration such as '250ms', '5s' or '1m30s', or a number of milliseconds, up to 24 days",
            "kind": "duration"
          },
          "max": {
            "type": [
              "string",
              "number"
            ],
            "minimum": 0,
            "maximum": 2147483647,
            "default": "250ms",
            "allowed": "a duration such as '250ms', '5s' or '1m30s', or a number of milliseconds, up to 24 days",
            "kind": "duration"
          }
        }
      },
      "balancer": {
        "type": [
          "string",
          "object"
        ],
        "default": "p2c",
        "live": "balancer",
        "names": [
          "p2c",
          "ewma",
          "round-robin",
          "random",
          "hash"
        ],
        "properties": {
          "name": {
            "type": "string"
          }
        }
      },
      "breaker": {
        "allowed": "an object with errorThreshold, volumeThreshold, window, consecutiveFailures, openTime, maxOpenTime, or false",
        "type": [
          "boolean",
          "object"
        ],
        "properties": {
          "errorThreshold": {
            "type": "number",
            "exclusiveMinimum": 0,
            "maximum": 1,
            "default": 0.5
          },
          "volumeThreshold": {
            "type": "integer",
            "minimum": 1,
            "maximum": 1000000,
            "default": 10
          },
          "window": {
            "type": [
              "string",
              "number"
            ],
            "exclusiveMinimum": 0,
            "maximum": 2147483647,
            "default": "10s",
            "allowed": "a duration such as '250ms', '5s' or '1m30s', or a number of milliseconds, above 0 and up to 24 days",
            "kind": "duration"
          },
          "consecutiveFailures": {
            "type": "integer",
            "minimum": 1,
            "maximum": 1000000,
            "default": 5
          },
          "openTime": {
            "type": [
              "string",
              "number"
            ],
            "exclusiveMinimum": 0,
            "maximum": 2147483647,
            "default": "1s",
            "allowed": "a duration such as '250ms', '5s' or '1m30s', or a number of milliseconds, above 0 and up to 24 days",
            "kind": "duration"
          },
          "maxOpenTime": {
            "type": [
              "string",
              "number"
            ],
            "exclusiveMinimum": 0,
            "maximum": 2147483647,
            "default": "60s",
            "allowed": "a duration such as '250ms', '5s' or '1m30s', or a number of milliseconds, above 0 and up to 24 days",
            "kind": "duration"
          }
        }
      },
      "maxInFlight": {
        "type": "integer",
        "minimum": 1,
        "maximum": 1000000,
        "default": 1024
      },
      "replayLimit": {
        "type": [
          "string",
          "integer"
        ],
        "minimum": 0,
        "maximum": 1073741824,
        "default": "64kb",
        "allowed": "a size such as '64kb' or '4mb', or a number of bytes, up to 1gb",
        "kind": "size"
      },
      "pool": {
        "type": "object",
        "properties": {
          "connections": {
            "type": "integer",
            "minimum": 1,
            "maximum": 100000,
            "default": 100
          },
          "keepAlive": {
            "type": [
              "string",
              "number"
            ],
            "exclusiveMinimum": 0,
            "maximum": 2147483647,
            "default": "3s",
            "allowed": "a duration such as '250ms', '5s' or '1m30s', or a number of milliseconds, above 0 and up to 24 days",
            "kind": "duration"
          }
        }
      },
      "tls": {
        "type": "object",
        "available": false
      },
      "hash": {
        "type": "object",
        "allowed": "an object with one of header, cookie, query",
        "properties": {
          "header": {
            "type": "string",
            "allowed": "the name of a header"
          },
          "cookie": {
            "type": "string",
            "allowed": "the name of a cookie"
          },
          "query": {
            "type": "string"
          }
        }
      }
    }
  },
  "services": {
    "type": "object",
    "values": {
      "type": "object",
      "properties": {
        "timeout": {
          "type": [
            "string",
            "number"
          ],
          "exclusiveMinimum": 0,
          "maximum": 2147483647,
          "allowed": "a duration such as '250ms', '5s' or '1m30s', or a number of milliseconds, above 0 and up to 24 days",
          "kind": "duration",
          "defaultByHandler": {
            "rpc": "5s",
            "proxy": "15s"
          }
        },
        "attemptTimeout": {
          "type": [
            "string",
            "number"
          ],
          "exclusiveMinimum": 0,
          "maximum": 2147483647,
          "allowed": "a duration such as '250ms', '5s' or '1m30s', or a number of milliseconds, above 0 and up to 24 days",
          "kind": "duration"
        },
        "connectTimeout": {
          "type": [
            "string",
            "number"
          ],
          "exclusiveMinimum": 0,
          "maximum": 2147483647,
          "default": "1s",
          "allowed": "a duration such as '250ms', '5s' or '1m30s', or a number of milliseconds, above 0 and up to 24 days",
          "kind": "duration"
        },
        "idleTimeout": {
          "type": [
            "string",
            "number"
          ],
          "minimum": 0,
          "maximum": 2147483647,
          "default": "5m",
          "allowed": "a duration such as '250ms', '5s' or '1m30s', or a number of milliseconds, up to 24 days",
          "kind": "duration"
        },
        "retries": {
          "type": "integer",
          "minimum": 0,
          "maximum": 100,
          "default": 1
        },
        "retryOn": {
          "type": "array",
          "default": [
            "connect",
            "reset",
            502,
            503,
            504
          ],
          "items": {
            "allowed": "'connect', 'reset' or a status from 400 to 599",
            "type": [
              "boolean",
              "integer"
            ]
          }
        },
        "idempotent": {
          "type": "array",
          "default": [
            "GET",
            "HEAD",
            "OPTIONS",
            "PUT",
            "DELETE"
          ],
          "items": {
            "type": "string",
            "allowed": "a method in capital letters, such as 'GET'"
          }
        },
        "retryBudget": {
          "type": "object",
          "properties": {
            "ratio": {
              "type": "number",
              "minimum": 0,
              "maximum": 1,
              "default": 0.2
            },
            "minPerSecond": {
              "type": "number",
              "minimum": 0,
              "maximum": 1000000,
              "default": 10
            }
          }
        },
        "backoff": {
          "type": "object",
          "properties": {
            "base": {
              "type": [
                "string",
                "number"
              ],
              "minimum": 0,
              "maximum": 2147483647,
              "default": "25ms",
              "allowed": "a duration such as '250ms', '5s' or '1m30s', or a number of milliseconds, up to 24 days",
              "kind": "duration"
            },
            "max": {
              "type": [
                "string",
                "number"
              ],
              "minimum": 0,
              "maximum": 2147483647,
              "default": "250ms",
              "allowed": "a duration such as '250ms', '5s' or '1m30s', or a number of milliseconds, up to 24 days",
              "kind": "duration"
            }
          }
        },
        "balancer": {
          "type": [
            "string",
            "object"
          ],
          "default": "p2c",
          "live": "balancer",
          "names": [
            "p2c",
            "ewma",
            "round-robin",
            "random",
            "hash"
          ],
          "properties": {
            "name": {
              "type": "string"
            }
          }
        },
        "breaker": {
          "allowed": "an object with errorThreshold, volumeThreshold, window, consecutiveFailures, openTime, maxOpenTime, or false",
          "type": [
            "boolean",
            "object"
          ],
          "properties": {
            "errorThreshold": {
              "type": "number",
              "exclusiveMinimum": 0,
              "maximum": 1,
              "default": 0.5
            },
            "volumeThreshold": {
              "type": "integer",
              "minimum": 1,
              "maximum": 1000000,
              "default": 10
            },
            "window": {
              "type": [
                "string",
                "number"
              ],
              "exclusiveMinimum": 0,
              "maximum": 2147483647,
              "default": "10s",
              "allowed": "a duration such as '250ms', '5s' or '1m30s', or a number of milliseconds, above 0 and up to 24 days",
              "kind": "duration"
            },
            "consecutiveFailures": {
              "type": "integer",
              "minimum": 1,
              "maximum": 1000000,
              "default": 5
            },
            "openTime": {
              "type": [
                "string",
                "number"
              ],
              "exclusiveMinimum": 0,
              "maximum": 2147483647,
              "default": "1s",
              "allowed": "a duration such as '250ms', '5s' or '1m30s', or a number of milliseconds, above 0 and up to 24 days",
              "kind": "duration"
            },
            "maxOpenTime": {
              "type": [
                "string",
                "number"
              ],
              "exclusiveMinimum": 0,
              "maximum": 2147483647,
              "default": "60s",
              "allowed": "a duration such as '250ms', '5s' or '1m30s', or a number of milliseconds, above 0 and up to 24 days",
              "kind": "duration"
            }
          }
        },
        "maxInFlight": {
          "type": "integer",
          "minimum": 1,
          "maximum": 1000000,
          "default": 1024
        },
        "replayLimit": {
          "type": [
            "string",
            "integer"
          ],
          "minimum": 0,
          "maximum": 1073741824,
          "default": "64kb",
          "allowed": "a size such as '64kb' or '4mb', or a number of bytes, up to 1gb",
          "kind": "size"
        },
        "pool": {
          "type": "object",
          "properties": {
            "connections": {
              "type": "integer",
              "minimum": 1,
              "maximum": 100000,
              "default": 100
            },
            "keepAlive": {
              "type": [
                "string",
                "number"
              ],
              "exclusiveMinimum": 0,
              "maximum": 2147483647,
              "default": "3s",
              "allowed": "a duration such as '250ms', '5s' or '1m30s', or a number of milliseconds, above 0 and up to 24 days",
              "kind": "duration"
            }
          }
        },
        "tls": {
          "type": "object",
          "available": false
        },
        "hash": {
          "type": "object",
          "allowed": "an object with one of header, cookie, query",
          "properties": {
            "header": {
              "type": "string",
              "allowed": "the name of a header"
            },
            "cookie": {
              "type": "string",
              "allowed": "the name of a cookie"
            },
            "query": {
              "type": "string"
            }
          }
        },
        "protocol": {
          "enum": [
            "json-rpc",
            "mucp",
            "grpc",
            "http"
          ],
          "unavailable": [
            "grpc",
            "http"
          ]
        },
        "version": {
          "type": "string"
        },
        "split": {
          "type": "object",
          "values": {
            "type": "number",
            "minimum": 0,
            "maximum": 1000000
          }
        },
        "sticky": {
          "type": "object",
          "allowed": "an object with one of header, cookie",
          "properties": {
            "header": {
              "type": "string",
              "allowed": "the name of a header"
            },
            "cookie": {
              "type": "string",
              "allowed": "the name of a cookie"
            }
          }
        }
      }
    }
  },
  "app": {
    "type": "object",
    "properties": {
      "name": {
        "type": "string",
        "allowed": "a text of letters, digits, '-' and '_', in parts separated by dots"
      },
      "address": {
        "type": "string",
        "allowed": "'127.0.0.1:9090', ':9090', '[::1]:9090' or 'localhost:9090', with a port from 1 to 65535"
      },
      "advertise": {
        "type": "string",
        "allowed": "'10.0.0.5', '10.0.0.5:9090', ':9090', '[fd00::5]:9090' or a host name, with a port from 1 to 65535 or none"
      },
      "version": {
        "type": "string",
        "default": ""
      },
      "metadata": {
        "type": "object",
        "default": {},
        "values": {
          "type": "string"
        }
      },
      "ttl": {
        "type": [
          "string",
          "number"
        ],
        "exclusiveMinimum": 0,
        "maximum": 2147483647,
        "default": "90s",
        "allowed": "a duration such as '250ms', '5s' or '1m30s', or a number of milliseconds, above 0 and up to 24 days",
        "kind": "duration"
      },
      "interval": {
        "type": [
          "string",
          "number"
        ],
        "exclusiveMinimum": 0,
        "maximum": 2147483647,
        "default": "30s",
        "allowed": "a duration such as '250ms', '5s' or '1m30s', or a number of milliseconds, above 0 and up to 24 days",
        "kind": "duration"
      },
      "command": {
        "type": "array",
        "allowed": "a program and its arguments, such as ['node', 'app.js']",
        "items": {
          "type": "string"
        }
      },
      "healthcheck": {
        "type": "object",
        "properties": {
          "url": {
            "type": "string",
            "allowed": "a URL such as 'http://127.0.0.1:9090/health'"
          },
          "interval": {
            "type": [
              "string",
              "number"
            ],
            "exclusiveMinimum": 0,
            "maximum": 2147483647,
            "default": "5s",
            "allowed": "a duration such as '250ms', '5s' or '1m30s', or a number of milliseconds, above 0 and up to 24 days",
            "kind": "duration"
          },
          "timeout": {
            "type": [
              "string",
              "number"
            ],
            "exclusiveMinimum": 0,
            "maximum": 2147483647,
            "default": "500ms",
            "allowed": "a duration such as '250ms', '5s' or '1m30s', or a number of milliseconds, above 0 and up to 24 days",
            "kind": "duration"
          },
          "unhealthy": {
            "type": "integer",
            "minimum": 1,
            "maximum": 1000,
            "default": 3
          },
          "healthy": {
            "type": "integer",
            "minimum": 1,
            "maximum": 1000,
            "default": 1
          }
        }
      }
    }
  },
  "cors": {
    "type": "array",
    "default": [],
    "items": {
      "type": "string",
      "allowed": "an origin such as 'https://example.com' without a path, or '*'"
    }
  },
  "tls": {
    "type": "object",
    "available": false
  },
  "acme": {
    "type": "object",
    "available": false
  },
  "stats": {
    "type": [
      "boolean",
      "object"
    ],
    "available": false
  },
  "metrics": {
    "type": "boolean",
    "default": true
  },
  "tracing": {
    "type": "object",
    "available": false
  },
  "log": {
    "type": "object",
    "properties": {
      "level": {
        "enum": [
          "debug",
          "info",
          "warn",
          "error",
          "silent"
        ],
        "default": "info"
      },
      "format": {
        "enum": [
          "json",
          "pretty"
        ]
      },
      "access": {
        "type": "boolean",
        "default": true
      }
    }
  },
  "auth": {
    "type": "object",
    "secret": true,
    "properties": {
      "token": {
        "type": "string",
        "allowed": "a text of visible ASCII characters without spaces",
        "secret": true
      },
      "open": {
        "type": "boolean",
        "default": false
      }
    }
  },
  "rpc": {
    "type": "object",
    "properties": {
      "addresses": {
        "enum": [
          "registered",
          "any"
        ],
        "default": "registered"
      }
    }
  },
  "limits": {
    "type": "object",
    "properties": {
      "headers": {
        "type": [
          "string",
          "integer"
        ],
        "minimum": 1,
        "maximum": 1073741824,
        "default": "60kb",
        "allowed": "a size such as '64kb' or '4mb', or a number of bytes, above 0 and up to 1gb",
        "kind": "size"
      },
      "headerCount": {
        "type": "integer",
        "minimum": 1,
        "maximum": 100000,
        "default": 1000
      },
      "inFlight": {
        "type": "integer",
        "minimum": 1,
        "maximum": 1000000,
        "default": 4096
      },
      "body": {
        "type": [
          "string",
          "integer"
        ],
        "minimum": 1,
        "maximum": 1073741824,
        "default": "4mb",
        "allowed": "a size such as '64kb' or '4mb', or a number of bytes, above 0 and up to 1gb",
        "kind": "size"
      },
      "frame": {
        "type": [
          "string",
          "integer"
        ],
        "minimum": 1,
        "maximum": 1073741824,
        "default": "16kb",
        "allowed": "a size such as '64kb' or '4mb', or a number of bytes, above 0 and up to 1gb",
        "kind": "size"
      },
      "headersTimeout": {
        "type": [
          "string",
          "number"
        ],
        "minimum": 0,
        "maximum": 2147483647,
        "default": "10s",
        "allowed": "a duration such as '250ms', '5s' or '1m30s', or a number of milliseconds, up to 24 days",
        "kind": "duration"
      },
      "requestTimeout": {
        "type": [
          "string",
          "number"
        ],
        "minimum": 0,
        "maximum": 2147483647,
        "default": "0s",
        "allowed": "a duration such as '250ms', '5s' or '1m30s', or a number of milliseconds, up to 24 days",
        "kind": "duration"
      },
      "keepAlive": {
        "type": [
          "string",
          "number"
        ],
        "minimum": 0,
        "maximum": 2147483647,
        "default": "72s",
        "allowed": "a duration such as '250ms', '5s' or '1m30s', or a number of milliseconds, up to 24 days",
        "kind": "duration"
      },
      "subscriberBuffer": {
        "type": [
          "string",
          "integer"
        ],
        "minimum": 1,
        "maximum": 1073741824,
        "default": "1mb",
        "allowed": "a size such as '64kb' or '4mb', or a number of bytes, above 0 and up to 1gb",
        "kind": "size"
      }
    }
  },
  "drain": {
    "type": "object",
    "properties": {
      "lameDuck": {
        "type": [
          "string",
          "number"
        ],
        "minimum": 0,
        "maximum": 2147483647,
        "default": "0s",
        "allowed": "a duration such as '250ms', '5s' or '1m30s', or a number of milliseconds, up to 24 days",
        "kind": "duration"
      },
      "grace": {
        "type": [
          "string",
          "number"
        ],
        "minimum": 0,
        "maximum": 2147483647,
        "default": "10s",
        "allowed": "a duration such as '250ms', '5s' or '1m30s', or a number of milliseconds, up to 24 days",
        "kind": "duration"
      },
      "hard": {
        "type": [
          "string",
          "number"
        ],
        "minimum": 0,
        "maximum": 2147483647,
        "default": "30s",
        "allowed": "a duration such as '250ms', '5s' or '1m30s', or a number of milliseconds, up to 24 days",
        "kind": "duration"
      }
    }
  },
  "middleware": {
    "type": "array",
    "default": [],
    "live": "middleware"
  },
  "plugins": {
    "type": "array",
    "default": [],
    "live": "plugins"
  }
}

/** A whole configuration. */
export const SCHEMA: SchemaNode = {
  type: 'object',
  properties: {
    $schema: { type: 'string' },
    ...properties,
    profiles: { type: 'object', values: { type: 'object', properties } },
  },
}
