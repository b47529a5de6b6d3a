import type { Tables } from '../refuses.ts';

export const infrastructure: Tables = {
  network: [
    [
      'not a CIDR',
      ['7:13  $.network.cidr  is not a network in CIDR notation  — write a network such as "10.0.0.0/16"'],
      { network: { cidr: '10.0.0.0' } },
    ],
    [
      'too large',
      ['7:13  $.network.cidr  has prefix length /8; AWS takes /16 to /28  — write a network such as "10.0.0.0/16"'],
      { network: { cidr: '10.0.0.0/8' } },
    ],
    [
      'host bits',
      ['7:13  $.network.cidr  has bits set outside the network part  — write "10.0.0.0/16"'],
      { network: { cidr: '10.0.0.1/16' } },
    ],
    [
      'public addresses',
      ['7:13  $.network.cidr  is not a private network  — use a part of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16'],
      { network: { cidr: '8.8.0.0/16' } },
    ],
    [
      'IPv6',
      ['7:13  $.network.cidr  is IPv6; IPv4 is expected  — write a network such as "10.0.0.0/16"'],
      { network: { cidr: 'fd00::/16' } },
    ],
    [
      'subnets outside the VPC',
      [
        "9:7  $.network.publicSubnets[0]  10.0.1.0/24 is not inside the VPC's 10.1.0.0/16  — choose a part of network.cidr, or change network.cidr",
      ],
      { network: { cidr: '10.1.0.0/16', publicSubnets: ['10.0.1.0/24', '10.1.2.0/24'] } },
    ],
    [
      'a VPC too small for the default subnets',
      [
        '7:13  $.network.cidr  is too small for the default subnets  — use a /20 or larger, or name publicSubnets and privateSubnets',
      ],
      { network: { cidr: '10.1.0.0/22' } },
    ],
    [
      'more zones than named subnets',
      [
        '12:22  $.network.publicSubnets  has 2 subnets for 3 Availability Zones  — give one subnet per zone (us-east-1a, us-east-1b, us-east-1c)',
      ],
      {
        network: {
          availabilityZones: ['us-east-1a', 'us-east-1b', 'us-east-1c'],
          publicSubnets: ['10.0.1.0/24', '10.0.2.0/24'],
        },
      },
    ],
    [
      'a public subnet over a private one',
      [
        '8:7  $.network.privateSubnets[0]  10.0.2.0/24 overlaps 10.0.2.0/24 (publicSubnets[1])  — give each subnet a range of its own',
      ],
      { network: { privateSubnets: ['10.0.2.0/24', '10.0.11.0/24'] } },
    ],
    [
      'two overlapping subnets',
      [
        '9:7  $.network.publicSubnets[1]  10.0.1.128/25 overlaps 10.0.1.0/24 (publicSubnets[0])  — give each subnet a range of its own',
      ],
      { network: { publicSubnets: ['10.0.1.0/24', '10.0.1.128/25'] } },
    ],
    [
      'one zone',
      [
        '7:26  $.network.availabilityZones  needs at least two: the load balancer and RDS refuse one  — for example ["us-east-1a", "us-east-1b"]',
      ],
      {
        network: { availabilityZones: ['us-east-1a'], publicSubnets: ['10.0.1.0/24'], privateSubnets: ['10.0.2.0/24'] },
      },
    ],
    [
      'fewer subnets than zones',
      [
        '12:23  $.network.privateSubnets  has 1 subnet for 3 Availability Zones  — give one subnet per zone (us-east-1a, us-east-1b, us-east-1c)',
      ],
      { network: { availabilityZones: ['us-east-1a', 'us-east-1b', 'us-east-1c'], privateSubnets: ['10.0.10.0/24'] } },
    ],
    [
      'the same zone twice',
      ['9:7  $.network.availabilityZones[1]  "us-east-1a" is given twice  — use different zones'],
      { network: { availabilityZones: ['us-east-1a', 'us-east-1a'] } },
    ],
    [
      'a zone of another region',
      ['9:7  $.network.availabilityZones[0]  "us-east-1a" is not in region eu-west-1  — did you mean "eu-west-1a"?'],
      { region: 'eu-west-1', network: { availabilityZones: ['us-east-1a', 'eu-west-1b'] } },
    ],
    [
      'a retention CloudWatch does not have',
      [
        '8:24  $.network.flowLogs.retentionDays  must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653, is 31  — the nearest is 30',
      ],
      { network: { flowLogs: { retentionDays: 31 } } },
    ],
  ],

  database: [
    [
      'instance class',
      ['7:22  $.database.instanceClass  is not an RDS instance class  — write one such as "db.t4g.micro"'],
      { database: { instanceClass: 't4g.micro' } },
    ],
    [
      'version',
      ['7:22  $.database.engineVersion  is not a PostgreSQL version  — write a version such as "16" or "16.4"'],
      { database: { engineVersion: 'latest' } },
    ],
    [
      'too little storage',
      ['7:18  $.database.storageGb  must be a whole number from 20 to 65536, is 10  — choose one in that range'],
      { database: { storageGb: 10 } },
    ],
    [
      'no backups',
      ['7:28  $.database.backupRetentionDays  must be a whole number from 1 to 35, is 0  — choose one in that range'],
      { database: { backupRetentionDays: 0 } },
    ],
    [
      'name with a hyphen',
      [
        '7:13  $.database.name  is not a database name  — use 1-63 lower-case letters, digits and _, starting with a letter',
      ],
      { database: { name: 'my-app' } },
    ],
    [
      'reserved name',
      ['7:13  $.database.name  "postgres" is reserved by PostgreSQL or RDS  — use another name, such as "postgres_db"'],
      { database: { name: 'postgres' } },
    ],
    [
      'reserved user',
      ['7:13  $.database.user  "admin" is reserved by PostgreSQL or RDS  — use another name, such as "app_admin"'],
      { database: { user: 'admin' } },
    ],
    [
      'user too long',
      [
        '7:13  $.database.user  is not a database user  — use 1-16 lower-case letters, digits and _, starting with a letter',
      ],
      { database: { user: 'application_admin' } },
    ],
    [
      'rotation',
      [
        '7:29  $.database.passwordRotationDays  must be a whole number from 1 to 1000, is 1001  — choose one in that range',
      ],
      { database: { passwordRotationDays: 1001 } },
    ],
    [
      'a password in the URL options',
      [
        '9:9  $.database.url.query.password  "password" is part of the URL already  — remove it: host, user and password are filled in by tap',
      ],
      { database: { url: { query: { password: 'x' } } } },
    ],
    [
      'scheme',
      [
        '8:17  $.database.url.scheme  is not a PostgreSQL URL scheme  — write "postgresql" or a dialect such as "postgresql+asyncpg"',
      ],
      { database: { url: { scheme: 'mysql' } } },
    ],
    [
      'alarm above the storage',
      [
        '10:30  $.monitoring.databaseFreeStorageGb  is not below database.storageGb (20): it would always alarm  — choose a tenth of the storage',
      ],
      { database: { storageGb: 20 }, monitoring: { databaseFreeStorageGb: 20 } },
    ],
  ],
};
