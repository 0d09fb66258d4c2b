import sys

from config.local.supervisor import main

sys.exit(main())
