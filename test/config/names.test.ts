import { describe, expect, test } from 'vitest';
import { checkNames, names } from '../../src/config/names.ts';

const named = (project: string, auth: { domainPrefix?: string; customDomain?: string } = {}) => ({
  project,
  auth: { google: true, mfa: 'off' as const, passwordMinLength: 14, ...auth },
});

test('the names of the specification', () => {
  expect(names(named('tap'), '123456789012')).toMatchInlineSnapshot(`
    {
      "alarms": {
        "backendResponseTime": "tap-backend-response-time",
        "backendUnhealthy": "tap-backend-unhealthy",
        "backendUnhealthyHosts": "tap-backend-unhealthy-hosts",
        "certificateExpiry": "tap-certificate-expiry",
        "databaseCpu": "tap-database-cpu",
        "databaseFreeStorage": "tap-database-free-storage",
      },
      "buckets": {
        "albLogs": "tap-alb-logs-123456789012",
        "files": "tap-files-123456789012",
        "spa": "tap-spa-123456789012",
        "state": "tap-state-123456789012",
      },
      "cluster": "tap-cluster",
      "cognito": {
        "client": "tap-web-client",
        "domainPrefix": "tap-auth-123456789012",
        "userPool": "tap-users",
      },
      "container": "tap-backend",
      "database": {
        "instance": "tap-db",
        "subnetGroup": "tap-db",
      },
      "loadBalancer": "tap-alb",
      "logGroups": {
        "backend": "/ecs/tap-backend",
        "databasePostgresql": "/aws/rds/instance/tap-db/postgresql",
        "databaseUpgrade": "/aws/rds/instance/tap-db/upgrade",
        "flowLogs": "/vpc/tap/flow-logs",
      },
      "originAccessControl": "tap-spa",
      "parameters": {
        "clientId": "/tap/cognito/client-id",
        "domain": "/tap/cognito/domain",
        "redirectUri": "/tap/cognito/redirect-uri",
        "userPoolId": "/tap/cognito/user-pool-id",
      },
      "repository": "tap-backend",
      "roles": {
        "ecsExecution": "tap-ecs-execution-role",
        "ecsTask": "tap-ecs-task-role",
        "flowLogs": "tap-flow-logs-role",
        "githubActions": "tap-github-actions-role",
        "githubPlan": "tap-github-plan-role",
      },
      "secrets": {
        "cognitoClientSecret": "tap/cognito-client-secret",
        "databaseUrl": "tap/database-url",
        "googleOauth": "tap/google-oauth",
        "jwtSecretKey": "tap/jwt-secret-key",
      },
      "securityGroups": {
        "alb": "tap-alb-sg",
        "ecs": "tap-ecs-sg",
        "rds": "tap-rds-sg",
      },
      "service": "tap-backend",
      "targetGroup": "tap-tg",
      "taskFamily": "tap-backend",
      "topic": "tap-alerts",
      "viewerRequestFunction": "tap-spa-fallback",
    }
  `);
});

describe('checkNames', () => {
  test('accepts the longest project that fits everywhere, and not one more', () => {
    expect(checkNames(named('a'.repeat(28)))).toEqual([]);
    expect(checkNames(named('a'.repeat(29)))).toMatchObject([
      { at: 'project', fix: expect.stringContaining('28 characters') },
    ]);
  });

  test('a domain prefix of its own makes a project possible that Cognito would refuse', () => {
    expect(checkNames(named('my-amazon-shop'))).toHaveLength(1);
    expect(checkNames(named('my-amazon-shop', { domainPrefix: 'shop' }))).toEqual([]);
    expect(checkNames(named('my-amazon-shop', { customDomain: 'auth.example.com' }))).toEqual([]);
  });

  test('words that AWS keeps are only refused where it does', () => {
    for (const project of ['international', 'sga', 'my-ssm', 'sthree'])
      expect(checkNames(named(project))).toHaveLength(project === 'sthree' ? 1 : 0);
  });
});
