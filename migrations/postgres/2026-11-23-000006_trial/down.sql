DROP TABLE trial_projection;
