/**
 * The roles that tap makes for a project. They are found by these names alone: one that is given up has to stay in the
 * list, or those who have it keep it.
 */
export const roleNames = (p: string) => ({
  ecsExecution: `${p}-ecs-execution-role`,
  ecsTask: `${p}-ecs-task-role`,
  githubActions: `${p}-github-actions-role`,
  githubPlan: `${p}-github-plan-role`,
  flowLogs: `${p}-flow-logs-role`,
});
