-- Which of the named settings this server has.
SELECT groupArray(name) FROM system.settings WHERE has({names:Array(String)}, name)
