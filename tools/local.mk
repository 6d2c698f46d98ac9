# tools: the command line
